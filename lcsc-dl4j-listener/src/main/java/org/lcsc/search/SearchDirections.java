package org.lcsc.search;

import java.util.Locale;

/**
 * Directions of coefficient space that a search moves along: a candidate is {@code origin + B z}
 * with the columns of B summing to 0, so that its sum stays that of the origin. Immutable and
 * thread-safe.
 */
public final class SearchDirections {

  /**
   * Components of {@link #principalComponents} that a search along them takes by default; chosen
   * with {@link #DEFAULT_WHITENING} by measurement: the share of the gap between the best EMA and
   * the best combination that is left after 100, 400 and 2,000 evaluations of separable CMA-ES with
   * sigma 0.2, on 6 simulated SGD runs around a basin (K = 100, P = 200; class {@code
   * StrategyDefaultsStudy} among the tests).
   *
   * <pre>
   *                                        100    400  2,000
   * 30 components, whitening 0.25         0.728  0.596  0.460
   * whitening 0                           0.714  0.612  0.463
   * whitening 0.5                         0.770  0.579  0.458
   * whitening 1                           0.862  0.668  0.458
   * 10 components                         0.758  0.687  0.684
   * 15 components                         0.706  0.625  0.606
   * 20 components                         0.708  0.595  0.545
   * 40 components                         0.745  0.593  0.403
   * 60 components                         0.774  0.604  0.373
   * whitening 0.5 and full covariance     0.817  0.585  0.459
   * whitening 0.5 and sigma 0.1           0.841  0.594  0.459
   * whitening 0.5 and sigma 0.4           0.732  0.583  0.458
   * all coefficients                      0.748  0.640  0.511
   * all coefficients, full covariance     0.763  0.628  0.496
   * evolution                             0.780  0.645  0.495
   * Algorithm 1                           0.776  0.663  0.534
   * </pre>
   *
   * <p>Few components win with few evaluations, many with many: 15 for a hundred, 60 for thousands.
   */
  public static final int DEFAULT_COMPONENTS = 30;

  /** Whitening of {@link #principalComponents} by default; see {@link #DEFAULT_COMPONENTS}. */
  public static final double DEFAULT_WHITENING = 0.25;

  /** Columns of B, {@code [n][K]}; null for all coefficients with their mean taken off. */
  private final double[][] columns;

  /** Squared lengths of the columns. */
  private final double[] squares;

  private final int checkpoints;
  private final String description;

  private SearchDirections(double[][] columns, int checkpoints, String description) {
    this.columns = columns;
    this.checkpoints = checkpoints;
    this.description = description;
    this.squares = new double[columns == null ? 0 : columns.length];
    for (int i = 0; i < squares.length; i++) {
      for (double value : columns[i]) {
        squares[i] += value * value;
      }
    }
  }

  /**
   * Every coefficient is a coordinate; what a step adds to the sum is taken off in equal parts.
   *
   * @param checkpoints K, at least 2
   */
  public static SearchDirections coefficients(int checkpoints) {
    if (checkpoints < 2) {
      throw new IllegalArgumentException("checkpoints must be at least 2, got " + checkpoints);
    }
    return new SearchDirections(null, checkpoints, "coefficients");
  }

  /**
   * The leading principal components of the checkpoints: the directions in which training moved
   * most (Izmailov et al. 2019, "Subspace Inference for Bayesian Deep Learning", Section 4.2). A
   * unit vector u of coefficients with {@code G u = lambda u}, G the centred Gram matrix, moves the
   * merged parameters by {@code sqrt(lambda)}.
   *
   * @param centredGram inner products of the checkpoints less their mean, {@code [K][K]}; see
   *     {@link org.lcsc.checkpoint.CheckpointWindow#centredGram}
   * @param components the most components used, at least 1; never those of rounding alone
   * @param whitening from 0, a unit step changes the coefficients equally along every component, to
   *     1, it changes the parameters equally: component i is scaled by {@code lambda_i^(-whitening
   *     / 2)}, all of them so that their squared lengths have mean 1
   */
  public static SearchDirections principalComponents(
      double[][] centredGram, int components, double whitening) {
    int checkpoints = centredGram.length;
    if (components < 1) {
      throw new IllegalArgumentException("components must be at least 1, got " + components);
    }
    if (!(whitening >= 0 && whitening <= 1)) {
      throw new IllegalArgumentException("whitening must be in [0, 1], got " + whitening);
    }
    SymmetricEigen eigen = SymmetricEigen.of(centredGram);
    double rounding = 1e-6 * eigen.values()[0];
    int n = 0;
    while (n < Math.min(components, checkpoints - 1) && eigen.values()[n] > rounding) {
      n++;
    }
    if (n == 0) {
      throw new IllegalArgumentException("the checkpoints are all the same: nothing to search");
    }
    double[][] columns = new double[n][];
    double meanSquare = 0;
    for (int i = 0; i < n; i++) {
      meanSquare += StrictMath.pow(eigen.values()[i], -whitening) / n;
    }
    for (int i = 0; i < n; i++) {
      double scale = StrictMath.pow(eigen.values()[i], -whitening / 2) / Math.sqrt(meanSquare);
      columns[i] = scaledAndCentred(eigen.vectors()[i], scale);
    }
    String description =
        String.format(
            Locale.ROOT, "%d principal components, whitening %s, %x", n, whitening, hash(columns));
    return new SearchDirections(columns, checkpoints, description);
  }

  /** The sum is 0 but for rounding, with a sign that no eigensolver decides. */
  private static double[] scaledAndCentred(double[] vector, double scale) {
    double mean = Coefficients.sum(vector) / vector.length;
    double largest = 0;
    for (double value : vector) {
      largest = Math.abs(value) > Math.abs(largest) ? value : largest;
    }
    double[] column = new double[vector.length];
    for (int k = 0; k < column.length; k++) {
      column[k] = Math.copySign(scale, largest) * (vector[k] - mean);
    }
    return column;
  }

  private static long hash(double[][] rows) {
    long hash = 0;
    for (double[] row : rows) {
      hash = 31 * hash + Coefficients.fingerprint(row);
    }
    return hash;
  }

  /** Number of coordinates n. */
  public int dimension() {
    return columns == null ? checkpoints : columns.length;
  }

  /** Number of independent directions: n, or K - 1 where every coefficient is a coordinate. */
  public int freedom() {
    return columns == null ? checkpoints - 1 : columns.length;
  }

  /** Number of coefficients K. */
  public int checkpoints() {
    return checkpoints;
  }

  /**
   * The candidate at coordinates z.
   *
   * @param origin K coefficients that sum to 1
   * @param z n coordinates
   * @return K coefficients with the sum of the origin, up to rounding
   */
  public double[] candidate(double[] origin, double[] z) {
    double[] candidate = origin.clone();
    if (columns == null) {
      double mean = Coefficients.sum(z) / checkpoints;
      for (int k = 0; k < checkpoints; k++) {
        candidate[k] += z[k] - mean;
      }
      return candidate;
    }
    for (int i = 0; i < columns.length; i++) {
      double[] column = columns[i];
      for (int k = 0; k < checkpoints; k++) {
        candidate[k] += z[i] * column[k];
      }
    }
    return candidate;
  }

  /**
   * The coordinates of the point of {@code origin + B z} that is nearest to a candidate.
   *
   * @return n coordinates
   */
  public double[] coordinates(double[] origin, double[] candidate) {
    double[] z = new double[dimension()];
    if (columns == null) {
      for (int k = 0; k < checkpoints; k++) {
        z[k] = candidate[k] - origin[k];
      }
      return z;
    }
    // The columns are orthogonal: eigenvectors of a symmetric matrix.
    for (int i = 0; i < columns.length; i++) {
      for (int k = 0; k < checkpoints; k++) {
        z[i] += columns[i][k] * (candidate[k] - origin[k]);
      }
      z[i] /= squares[i];
    }
    return z;
  }

  /**
   * The gradient with respect to the coordinates, B^T g.
   *
   * @param gradient K derivatives with respect to the coefficients
   * @return n derivatives
   */
  public double[] gradient(double[] gradient) {
    double[] slopes = new double[dimension()];
    if (columns == null) {
      double mean = Coefficients.sum(gradient) / checkpoints;
      for (int k = 0; k < checkpoints; k++) {
        slopes[k] = gradient[k] - mean;
      }
      return slopes;
    }
    for (int i = 0; i < columns.length; i++) {
      for (int k = 0; k < checkpoints; k++) {
        slopes[i] += columns[i][k] * gradient[k];
      }
    }
    return slopes;
  }

  @Override
  public String toString() {
    return description;
  }
}
