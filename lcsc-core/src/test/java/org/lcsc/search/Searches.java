package org.lcsc.search;

import java.util.Arrays;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.assertj.core.api.Assertions;
import org.lcsc.search.strategy.Leaders;
import org.lcsc.search.strategy.SearchStrategy;

/** Runs ask/tell strategies on functions. */
public final class Searches {

  private Searches() {}

  /** The best score of a number of evaluations; stops early where nothing is left to ask. */
  public static double best(
      SearchStrategy search, ToDoubleFunction<double[]> function, int evaluations) {
    double best = Double.POSITIVE_INFINITY;
    for (int count = 0; count < evaluations; ) {
      double[][] asked = search.ask();
      if (asked.length == 0) {
        break;
      }
      double[] scores = Arrays.stream(asked).mapToDouble(function).toArray();
      count += scores.length;
      best = Math.min(best, Arrays.stream(scores).map(Leaders::ranked).min().orElseThrow());
      search.tell(scores);
    }
    return best;
  }

  /** Asserts that a strategy restored after any generation continues as the undisturbed one. */
  public static void assertContinues(
      Supplier<SearchStrategy> factory, ToDoubleFunction<double[]> function, int generations) {
    SearchStrategy undisturbed = factory.get();
    SearchStrategy disturbed = factory.get();
    for (int generation = 0; generation < generations; generation++) {
      double[][] expected = undisturbed.ask();
      byte[] snapshot = disturbed.snapshot();
      // What was asked but not told must leave no trace.
      disturbed.ask();
      disturbed = factory.get();
      disturbed.restore(snapshot);
      Assertions.assertThat(disturbed.ask())
          .as("generation %d", generation)
          .isDeepEqualTo(expected);
      if (expected.length == 0) {
        return;
      }
      double[] scores = Arrays.stream(expected).mapToDouble(function).toArray();
      undisturbed.tell(scores);
      disturbed.tell(scores);
    }
  }
}
