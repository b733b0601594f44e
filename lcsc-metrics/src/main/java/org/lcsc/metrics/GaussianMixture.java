package org.lcsc.metrics;

import java.util.Arrays;

/**
 * A mixture of isotropic Gaussians of equal weights about given centres, each with a variance of
 * its own that is fitted by maximum likelihood (Jiralerspong et al., 2023, section 3). Distances
 * are computed in blocks of rows, anew in every step, never as a whole matrix. Immutable.
 */
final class GaussianMixture {

  private static final double LEARNING_RATE = 0.5;
  private static final int STEPS = 50;

  /** The fit ends where the loss has changed by less over {@value #PATIENCE} steps. */
  private static final double TOLERANCE = 5e-4;

  private static final int PATIENCE = 5;

  /** Log of a share in a row's likelihood that changes no digit of a sum. */
  private static final double NEGLIGIBLE = -50;

  /** Keeps a centre that equals a row from a variance of 0. */
  private static final double LARGEST_LOG_VARIANCE = 40;

  private static final double SMALLEST_SQUARED_DISTANCE = 1e-3;

  /** Where on the way from each row to the mean of all the fit's additional Gaussian stands. */
  private static final double WAY_TO_MEAN = 0.1;

  private final int dimension;
  private final double[] centres;
  private final double[] logVariances;

  private GaussianMixture(double[] centres, double[] logVariances, int dimension) {
    this.dimension = dimension;
    this.centres = centres;
    this.logVariances = logVariances;
  }

  /** Takes the squared distances of some rows to all centres. */
  private interface RowsConsumer {

    /**
     * Takes rows.
     *
     * @param distances that of row {@code first + r} and centre c is at {@code c * rows + r}; there
     *     is room for one more centre
     */
    void accept(int first, int rows, double[] distances);
  }

  /**
   * Fits the variances by Adam, from those that suit the nearest row of each centre. Beside the
   * centres a Gaussian near every row takes part, so that a row far from all of them has some
   * likelihood; it is no part of the result.
   *
   * @param centres {@code N * D} values, row-major
   * @param rows {@code M * D} values that the likelihood is maximised of
   */
  static GaussianMixture fit(double[] centres, double[] rows, int dimension) {
    int n = centres.length / dimension;
    int m = rows.length / dimension;
    double[] logVariances = new double[n + 1];
    Arrays.fill(logVariances, 0, n, Double.POSITIVE_INFINITY);
    GaussianMixture fitted = new GaussianMixture(centres, logVariances, dimension);
    fitted.distances(
        rows,
        (first, count, distances) -> {
          for (int c = 0; c < n; c++) {
            for (int r = 0; r < count; r++) {
              logVariances[c] = Math.min(logVariances[c], distances[c * count + r]);
            }
          }
        });
    for (int c = 0; c < n; c++) {
      logVariances[c] = Math.log((logVariances[c] + SMALLEST_SQUARED_DISTANCE) / dimension);
    }
    double[] toMean = toMean(rows, dimension);
    Adam adam = new Adam(n + 1);
    double[] losses = new double[STEPS];
    for (int step = 0; step < STEPS; step++) {
      double[] gradient = new double[n + 1];
      double[] logLikelihood = new double[1];
      fitted.distances(
          rows,
          (first, count, distances) -> {
            System.arraycopy(toMean, first, distances, n * count, count);
            logLikelihood[0] += fitted.logLikelihood(distances, count, n + 1, gradient);
          });
      for (int c = 0; c <= n; c++) {
        gradient[c] /= (double) m * dimension;
      }
      losses[step] = -logLikelihood[0] / m / dimension;
      adam.step(logVariances, gradient);
      for (int c = 0; c < n; c++) {
        logVariances[c] =
            Math.max(-LARGEST_LOG_VARIANCE, Math.min(LARGEST_LOG_VARIANCE, logVariances[c]));
      }
      if (step > PATIENCE) {
        double loss = losses[step];
        if (Arrays.stream(losses, step - PATIENCE + 1, step)
            .allMatch(earlier -> Math.abs(loss - earlier) < TOLERANCE)) {
          break;
        }
      }
    }
    return fitted;
  }

  /** Squared distance of each row to the mean, shortened by {@value #WAY_TO_MEAN} of the way. */
  private static double[] toMean(double[] rows, int dimension) {
    int m = rows.length / dimension;
    double[] mean = Rows.mean(rows, dimension);
    double[] squared = new double[m];
    for (int i = 0; i < rows.length; i++) {
      double part = (1 - WAY_TO_MEAN) * (rows[i] - mean[i % dimension]);
      squared[i / dimension] += part * part;
    }
    return squared;
  }

  /** Mean negative log likelihood of rows per dimension. */
  double meanNegativeLogLikelihood(double[] rows) {
    double[] sum = new double[1];
    distances(
        rows,
        (first, count, distances) ->
            sum[0] += logLikelihood(distances, count, centres.length / dimension, null));
    return -sum[0] / ((double) rows.length / dimension) / dimension;
  }

  private void distances(double[] rows, RowsConsumer consumer) {
    int n = centres.length / dimension;
    int most = Math.min(NearestNeighbours.BLOCK, rows.length / dimension);
    double[] all = new double[Math.multiplyExact(most, n + 1)];
    NearestNeighbours.distances(
        rows,
        centres,
        dimension,
        (first, count, firstCentre, columns, distances) -> {
          System.arraycopy(distances, 0, all, firstCentre * count, columns * count);
          if (firstCentre + columns == n) {
            consumer.accept(first, count, all);
          }
        });
  }

  /**
   * Log likelihood of rows, summed; adds the gradient of its negative with respect to the log
   * variances.
   *
   * @param components the first so many take part
   * @param gradient null for none
   */
  private double logLikelihood(double[] distances, int rows, int components, double[] gradient) {
    double half = 0.5 * dimension;
    double logCount = Math.log((double) centres.length / dimension);
    double[] densities = new double[components * rows];
    double[] greatest = new double[rows];
    Arrays.fill(greatest, Double.NEGATIVE_INFINITY);
    for (int c = 0; c < components; c++) {
      double precision = Math.exp(-logVariances[c]);
      double constant = -half * (logVariances[c] + Math.log(2 * Math.PI));
      if (c < centres.length / dimension) {
        constant -= logCount;
      }
      for (int r = 0; r < rows; r++) {
        int i = c * rows + r;
        densities[i] = constant - 0.5 * precision * distances[i];
        greatest[r] = Math.max(greatest[r], densities[i]);
      }
    }
    double[] sums = new double[rows];
    for (int c = 0; c < components; c++) {
      for (int r = 0; r < rows; r++) {
        int i = c * rows + r;
        double below = densities[i] - greatest[r];
        densities[i] = below < NEGLIGIBLE ? 0 : Math.exp(below);
        sums[r] += densities[i];
      }
    }
    double total = 0;
    for (int r = 0; r < rows; r++) {
      total += greatest[r] + Math.log(sums[r]);
    }
    for (int c = 0; gradient != null && c < components; c++) {
      double precision = Math.exp(-logVariances[c]);
      for (int r = 0; r < rows; r++) {
        int i = c * rows + r;
        if (densities[i] > 0) {
          gradient[c] += densities[i] / sums[r] * (half - 0.5 * precision * distances[i]);
        }
      }
    }
    return total;
  }

  /** Kingma and Ba (2015), algorithm 1, with its default decay rates. */
  private static final class Adam {

    private static final double FIRST = 0.9;
    private static final double SECOND = 0.999;
    private static final double EPSILON = 1e-8;

    private final double[] mean;
    private final double[] square;
    private int steps;

    Adam(int size) {
      mean = new double[size];
      square = new double[size];
    }

    void step(double[] parameters, double[] gradient) {
      steps++;
      double meanScale = 1 - Math.pow(FIRST, steps);
      double squareScale = 1 - Math.pow(SECOND, steps);
      for (int i = 0; i < parameters.length; i++) {
        mean[i] = FIRST * mean[i] + (1 - FIRST) * gradient[i];
        square[i] = SECOND * square[i] + (1 - SECOND) * gradient[i] * gradient[i];
        parameters[i] -=
            LEARNING_RATE * mean[i] / meanScale / (Math.sqrt(square[i] / squareScale) + EPSILON);
      }
    }
  }
}
