package org.lcsc.cli.report;

import java.util.Arrays;
import java.util.List;
import org.lcsc.experiment.run.TrainingMetric;

/**
 * Where a training's brief first phase, of fast progress, goes over into its long second one (the
 * paper's Section 4.2 and Figure 4): the iteration at which two straight lines that meet there fit
 * the logarithm of the loss best.
 */
final class Phases {

  /** The first phase must fall this many times as fast as the second. */
  private static final double STEEPER = 3;

  /** The second line must explain at least this share of what one line leaves. */
  private static final double GAIN = 0.15;

  private static final int FEWEST = 8;

  private Phases() {}

  /**
   * The end of the first phase.
   *
   * @param metrics of the training
   * @return an iteration, or -1 where the loss shows no two such phases
   */
  static int boundary(List<TrainingMetric> metrics) {
    List<TrainingMetric> rows = metrics.stream().filter(m -> m.loss() > 0).toList();
    int size = rows.size();
    if (size < FEWEST) {
      return -1;
    }
    double[] x = rows.stream().mapToDouble(TrainingMetric::iteration).toArray();
    double[] y = rows.stream().mapToDouble(m -> Math.log(m.loss())).toArray();
    int best = -1;
    double least = Double.POSITIVE_INFINITY;
    double[] fit = null;
    // The first phase is the shorter one.
    for (int k = 2; k <= size / 2; k++) {
      double[] tried = hinge(x, y, x[k]);
      if (tried != null && tried[3] < least) {
        least = tried[3];
        best = k;
        fit = tried;
      }
    }
    if (fit == null || least > (1 - GAIN) * lineSquares(x, y)) {
      return -1;
    }
    double first = fit[1];
    double second = fit[1] + fit[2];
    boolean two = first < 0 && first < STEEPER * Math.min(0, second);
    return two ? rows.get(best).iteration() : -1;
  }

  /** Sum of squares that the best single line leaves. */
  private static double lineSquares(double[] x, double[] y) {
    double meanX = Arrays.stream(x).average().orElseThrow();
    double meanY = Arrays.stream(y).average().orElseThrow();
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xx += (x[i] - meanX) * (x[i] - meanX);
      xy += (x[i] - meanX) * (y[i] - meanY);
      yy += (y[i] - meanY) * (y[i] - meanY);
    }
    return yy - xy * xy / xx;
  }

  /**
   * Least squares of {@code a + b x + c max(0, x - knot)}: a, b, c and the sum of squares; null
   * where the points do not determine them.
   */
  private static double[] hinge(double[] x, double[] y, double knot) {
    double scale = x[x.length - 1] - x[0];
    double[][] system = new double[3][4];
    for (int i = 0; i < x.length; i++) {
      double[] basis = {1, x[i] / scale, Math.max(0, x[i] - knot) / scale};
      for (int r = 0; r < 3; r++) {
        for (int c = 0; c < 3; c++) {
          system[r][c] += basis[r] * basis[c];
        }
        system[r][3] += basis[r] * y[i];
      }
    }
    for (int p = 0; p < 3; p++) {
      // Positive definite: no pivoting is needed.
      if (system[p][p] < 1e-12) {
        return null;
      }
      for (int r = 0; r < 3; r++) {
        double factor = r == p ? 0 : system[r][p] / system[p][p];
        for (int c = p; c < 4; c++) {
          system[r][c] -= factor * system[p][c];
        }
      }
    }
    double a = system[0][3] / system[0][0];
    double b = system[1][3] / system[1][1] / scale;
    double c = system[2][3] / system[2][2] / scale;
    double squares = 0;
    for (int i = 0; i < x.length; i++) {
      double error = a + b * x[i] + c * Math.max(0, x[i] - knot) - y[i];
      squares += error * error;
    }
    return new double[] {a, b, c, squares};
  }
}
