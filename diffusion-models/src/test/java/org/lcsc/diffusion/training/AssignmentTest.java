package org.lcsc.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AssignmentTest {

  private static double least(double[][] cost, int row, boolean[] taken) {
    if (row == cost.length) {
      return 0;
    }
    double best = Double.POSITIVE_INFINITY;
    for (int j = 0; j < cost.length; j++) {
      if (!taken[j]) {
        taken[j] = true;
        best = Math.min(best, cost[row][j] + least(cost, row + 1, taken));
        taken[j] = false;
      }
    }
    return best;
  }

  private static double sum(double[][] cost, int[] columns) {
    assertThat(columns).doesNotHaveDuplicates().hasSize(cost.length);
    double sum = 0;
    for (int i = 0; i < columns.length; i++) {
      sum += cost[i][columns[i]];
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7})
  void isAsGoodAsTheBestOfAll(int n) {
    Random random = new Random(n);
    for (int trial = 0; trial < 40; trial++) {
      double[][] cost = new double[n][n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          // Every second trial with ties, every third with forbidden pairs.
          double value = random.nextGaussian();
          boolean forbidden = trial % 3 == 0 && i != j && random.nextBoolean();
          cost[i][j] =
              forbidden ? Double.POSITIVE_INFINITY : trial % 2 == 0 ? Math.rint(value) : value;
        }
      }
      assertThat(sum(cost, Assignment.least(cost)))
          .as("trial %d", trial)
          .isCloseTo(least(cost, 0, new boolean[n]), within(1e-12));
    }
  }

  /** On a line, order is optimal. */
  @Test
  void sortsPointsOfALine() {
    int n = 300;
    Random random = new Random(1);
    double[] from = random.doubles(n).sorted().toArray();
    double[] to = random.doubles(n).sorted().toArray();
    double[][] cost = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        cost[i][j] = -from[i] * to[j];
      }
    }
    int[] columns = Assignment.least(cost);
    for (int i = 0; i < n; i++) {
      assertThat(columns[i]).isEqualTo(i);
    }
  }

  @Test
  void refusesWhatAllowsNone() {
    double none = Double.POSITIVE_INFINITY;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Assignment.least(new double[][] {{1, none}, {2, none}}))
        .withMessage("cost: no assignment is allowed for row 1");
  }
}
