package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.lcsc.search.Searches;

class GreedySoupTest {

  /** Squared distance of the average of these positions from 0. */
  private static ToDoubleFunction<double[]> line(double... positions) {
    return a -> {
      double sum = 0;
      for (int k = 0; k < a.length; k++) {
        sum += a[k] * positions[k];
      }
      return sum * sum;
    };
  }

  @Test
  void keepsAnIngredientOnlyWhereTheAverageGetsNoWorse() {
    // Alone: 1, -2, 3, 10. With 1: the average with -2 is -0.5, better; then 2/3, worse; 3, worse.
    GreedySoup soup = new GreedySoup(4, 4);
    ToDoubleFunction<double[]> score = line(3, -2, 10, 1);
    double[] last = null;
    int evaluations = 0;
    while (soup.ask().length > 0) {
      double[][] asked = soup.ask();
      evaluations += asked.length;
      last = asked[asked.length - 1];
      soup.tell(Arrays.stream(asked).mapToDouble(score).toArray());
    }
    assertThat(evaluations).isEqualTo(7);
    assertThat(last).containsExactly(0, 1 / 3.0, 1 / 3.0, 1 / 3.0);
    assertThat(Searches.best(new GreedySoup(4, 4), score, 100)).isEqualTo(0.25);
  }

  @Test
  void spacesIngredientsEvenlyUpToTheNewest() {
    double[][] asked = new GreedySoup(10, 5).ask();
    int[] chosen =
        Arrays.stream(asked)
            .mapToInt(a -> (int) Arrays.stream(a).takeWhile(x -> x == 0).count())
            .toArray();
    assertThat(chosen).containsExactly(1, 3, 5, 7, 9);
    assertThat(new GreedySoup(3, 100).ask()).hasDimensions(3, 3);
  }

  @Test
  void unusableCheckpointsNeverEnter() {
    ToDoubleFunction<double[]> score =
        a -> a[1] != 0 ? Double.NaN : line(2, 0, 3, -2).applyAsDouble(a);
    assertThat(Searches.best(new GreedySoup(4, 4), score, 100)).isEqualTo(0);
  }

  @Test
  void continuesFromASnapshotToTheSameBits() {
    Searches.assertContinues(() -> new GreedySoup(9, 6), line(5, 4, -3, 2, 8, -7, 1, 0, 2), 20);
  }

  @Test
  void anIngredientThatChangesNothingEnters() {
    GreedySoup soup = new GreedySoup(3, 3);
    soup.tell(new double[] {1, 1, 1});
    assertThat(soup.ask()[0]).containsOnly(0, 0.5);
    soup.tell(new double[] {1});
    assertThat(soup.ask()[0]).containsOnly(1 / 3.0);
    soup.tell(new double[] {1});
    assertThat(soup.ask()).isEmpty();
    soup.tell(new double[0]);
    assertThat(soup.ask()).isEmpty();
  }

  @Test
  void saysWhatItIs() {
    assertThat(new GreedySoup(4, 2).name()).isEqualTo("greedy-soup");
    assertThat(new GreedySoup(4, 2).dimension()).isEqualTo(4);
    assertThat(new GreedySoup.Parameters().searchesGroups()).isFalse();
  }

  @Test
  void refusesTooFew() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GreedySoup(1, 4))
        .withMessageContaining("1 and 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GreedySoup(4, 1))
        .withMessageContaining("4 and 1");
    GreedySoup least = new GreedySoup(2, 2);
    assertThat(least.ask()).hasDimensions(2, 2);
    assertThatIllegalArgumentException().isThrownBy(() -> least.tell(new double[1]));
  }
}
