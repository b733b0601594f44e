package org.lcsc.experiment.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.config.Parts;
import org.lcsc.search.strategy.SearchDirections;
import org.lcsc.search.strategy.SearchStrategy;

class BayesianSearchTest {

  private static final int CHECKPOINTS = 12;
  private static final int COMPONENTS = 6;
  private static final BayesianSearch.Parameters PARAMETERS =
      Parts.with(new BayesianSearch.Parameters(), Map.of("candidates", 100, "neighbours", 40));

  /** Directions of falling variance, in a rotation that a seed decides. */
  private static SearchDirections directions() {
    Random random = new Random(5);
    double[][] points = new double[CHECKPOINTS][COMPONENTS];
    double[] mean = new double[COMPONENTS];
    for (double[] point : points) {
      for (int i = 0; i < COMPONENTS; i++) {
        point[i] = random.nextGaussian() / (1 + i);
        mean[i] += point[i] / CHECKPOINTS;
      }
    }
    double[][] gram = new double[CHECKPOINTS][CHECKPOINTS];
    for (int a = 0; a < CHECKPOINTS; a++) {
      for (int b = 0; b < CHECKPOINTS; b++) {
        for (int i = 0; i < COMPONENTS; i++) {
          gram[a][b] += (points[a][i] - mean[i]) * (points[b][i] - mean[i]);
        }
      }
    }
    return SearchDirections.principalComponents(new double[][][] {gram}, COMPONENTS, 0);
  }

  private static SearchStrategy search() {
    double[][] starts = new double[2][CHECKPOINTS];
    Arrays.fill(starts[0], 1.0 / CHECKPOINTS);
    starts[1][0] = 1;
    return new BayesianSearch(PARAMETERS, directions(), starts, 3);
  }

  /** Least at a point that the directions reach from the mean of the checkpoints. */
  private static ToDoubleFunction<double[]> bowl() {
    SearchDirections directions = directions();
    double[] mean = new double[CHECKPOINTS];
    Arrays.fill(mean, 1.0 / CHECKPOINTS);
    double[] optimum = directions.candidate(mean, new double[] {.15, -.1, .1, .05, -.2, .1});
    return a -> {
      double sum = 1;
      for (int k = 0; k < a.length; k++) {
        sum += 10 * (a[k] - optimum[k]) * (a[k] - optimum[k]);
      }
      return sum;
    };
  }

  private static double[] scores(double[][] asked, ToDoubleFunction<double[]> function) {
    return Arrays.stream(asked).mapToDouble(function).toArray();
  }

  @Test
  void comesNearTheLeastValueWithinEightyScores() {
    SearchStrategy search = search();
    ToDoubleFunction<double[]> bowl = bowl();
    double first = Double.NaN;
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < 80; i++) {
      double[][] asked = search.ask();
      for (double[] candidate : asked) {
        assertThat(Coefficients.sum(candidate)).isCloseTo(1, within(1e-9));
      }
      double[] scores = scores(asked, bowl);
      best = Math.min(best, Arrays.stream(scores).min().orElseThrow());
      first = i == 0 ? best : first;
      search.tell(scores);
    }
    assertThat(first).isGreaterThan(1.5);
    assertThat(best).isLessThan(1.02);
  }

  @Test
  void continuesFromASnapshotOfAnyGeneration() {
    SearchStrategy undisturbed = search();
    SearchStrategy disturbed = search();
    for (int i = 0; i < 40; i++) {
      double[][] expected = undisturbed.ask();
      byte[] snapshot = disturbed.snapshot();
      disturbed.ask();
      disturbed = search();
      disturbed.restore(snapshot);
      assertThat(disturbed.ask()).isDeepEqualTo(expected);
      undisturbed.tell(scores(expected, bowl()));
      disturbed.tell(scores(expected, bowl()));
    }
  }

  @Test
  void goesOnAmongScoresThatAreNoNumbers() {
    SearchStrategy search = search();
    for (int i = 0; i < 40; i++) {
      double[][] asked = search.ask();
      double[] scores = scores(asked, bowl());
      for (int b = 0; b < scores.length; b++) {
        assertThat(scores[b]).isFinite();
        scores[b] = i % 3 == 1 || i == 0 ? Double.NaN : scores[b];
      }
      search.tell(scores);
    }
  }

  @Test
  void refusesAnotherNumberOfScores() {
    SearchStrategy search = search();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search.tell(new double[3]))
        .withMessage("got 3 scores for a generation of 2");
  }
}
