package org.lcsc.search.strategy;

import java.util.ArrayList;
import java.util.List;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * Directions of coefficient space that a search moves along: a candidate is {@code origin + B z}
 * with the columns of B summing to 0, so that its sum stays that of the origin. With groups of
 * parameters a candidate is the coefficients of one group after the other, and the columns sum to 0
 * in every group. Immutable and thread-safe.
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

  /** Columns of B, {@code [n][G * K]}; null for all coefficients with their means taken off. */
  private final double[][] columns;

  /** Squared lengths of the columns. */
  private final double[] squares;

  private final int checkpoints;
  private final int groups;
  private final String description;

  private SearchDirections(double[][] columns, int checkpoints, int groups, String description) {
    this.columns = columns;
    this.checkpoints = checkpoints;
    this.groups = groups;
    this.description = description;
    this.squares = new double[columns == null ? 0 : columns.length];
    for (int i = 0; i < squares.length; i++) {
      for (double value : columns[i]) {
        squares[i] += value * value;
      }
    }
  }

  /**
   * Every coefficient of every group is a coordinate; what a step adds to a group's sum is taken
   * off in equal parts.
   *
   * @param checkpoints K, at least 2
   * @param groups G, at least 1
   */
  public static SearchDirections coefficients(int checkpoints, int groups) {
    Refuse.argument(
        checkpoints < 2 || groups < 1,
        "checkpoints must be at least 2 and groups at least 1, got %s and %s",
        checkpoints,
        groups);
    return new SearchDirections(
        null,
        checkpoints,
        groups,
        "coefficients" + (groups > 1 ? " of " + groups + " groups" : ""));
  }

  /**
   * The leading principal components of the checkpoints, of every group of parameters by itself and
   * all on one scale: the directions in which training moved most (Izmailov et al. 2019, "Subspace
   * Inference for Bayesian Deep Learning", Section 4.2). A unit vector u of coefficients with
   * {@code G u = lambda u}, G the centred Gram matrix, moves the merged parameters by {@code
   * sqrt(lambda)}.
   *
   * @param centredGrams for every group the inner products of the checkpoints less their mean,
   *     {@code [G][K][K]}; see {@link org.lcsc.checkpoint.CheckpointWindow#centredGrams}
   * @param components the most components of a group, at least 1; never those of rounding alone
   * @param whitening from 0, a unit step changes the coefficients equally along every component, to
   *     1, it changes the parameters equally: component i is scaled by {@code lambda_i^(-whitening
   *     / 2)}, all of them so that their squared lengths have mean 1
   */
  public static SearchDirections principalComponents(
      double[][][] centredGrams, int components, double whitening) {
    int groups = centredGrams.length;
    int checkpoints = centredGrams[0].length;
    Refuse.argument(components < 1, "components must be at least 1, got %s", components);
    Refuse.argument(
        !(whitening >= 0 && whitening <= 1), "whitening must be in [0, 1], got %s", whitening);
    List<Double> values = new ArrayList<>();
    List<double[]> vectors = new ArrayList<>();
    for (int group = 0; group < groups; group++) {
      SymmetricEigen eigen = SymmetricEigen.of(centredGrams[group]);
      double rounding = 1e-6 * eigen.values()[0];
      for (int i = 0;
          i < Math.min(components, checkpoints - 1) && eigen.values()[i] > rounding;
          i++) {
        values.add(eigen.values()[i]);
        vectors.add(padded(centred(eigen.vectors()[i]), group, groups));
      }
    }
    if (values.isEmpty()) {
      // Of equal checkpoints every combination is the same model, wherever a search looks.
      double[] any = new double[checkpoints];
      any[checkpoints - 1] = 1;
      values.add(1.0);
      vectors.add(padded(centred(any), 0, groups));
    }
    int n = values.size();
    double meanSquare = 0;
    for (double value : values) {
      meanSquare += StrictMath.pow(value, -whitening) / n;
    }
    double[][] columns = new double[n][];
    for (int i = 0; i < n; i++) {
      double scale = StrictMath.pow(values.get(i), -whitening / 2) / Math.sqrt(meanSquare);
      columns[i] = PathSearch.scaled(scale, vectors.get(i));
    }
    String description =
        Text.format(
            "%d principal components%s, whitening %s, %x",
            n,
            groups > 1 ? " of " + groups + " groups" : "",
            whitening,
            Coefficients.fingerprint(columns));
    return new SearchDirections(columns, checkpoints, groups, description);
  }

  private static double[] padded(double[] column, int group, int groups) {
    double[] padded = new double[groups * column.length];
    System.arraycopy(column, 0, padded, group * column.length, column.length);
    return padded;
  }

  /** The sum is 0 but for rounding, with a sign that no eigensolver decides. */
  private static double[] centred(double[] vector) {
    double mean = Coefficients.sum(vector) / vector.length;
    double largest = 0;
    for (double value : vector) {
      largest = Math.abs(value) > Math.abs(largest) ? value : largest;
    }
    double[] column = new double[vector.length];
    for (int k = 0; k < column.length; k++) {
      column[k] = Math.copySign(1, largest) * (vector[k] - mean);
    }
    return column;
  }

  /** Number of coordinates n. */
  public int dimension() {
    return columns == null ? length() : columns.length;
  }

  /** Independent directions: n, or G (K - 1) where every coefficient is a coordinate. */
  public int freedom() {
    return columns == null ? length() - groups : columns.length;
  }

  /** Number of groups G, each with coefficients of sum 1. */
  public int groups() {
    return groups;
  }

  /** Number of a candidate's coefficients, {@code G * K}. */
  public int length() {
    return groups * checkpoints;
  }

  /**
   * The candidate at coordinates z.
   *
   * @param origin {@code G * K} coefficients of sum 1 in every group
   * @param z n coordinates
   * @return {@code G * K} coefficients with the sums of the origin, up to rounding
   */
  public double[] candidate(double[] origin, double[] z) {
    double[] candidate = origin.clone();
    if (columns == null) {
      for (int from = 0; from < length(); from += checkpoints) {
        double mean = Coefficients.sum(z, from, from + checkpoints) / checkpoints;
        for (int k = from; k < from + checkpoints; k++) {
          candidate[k] += z[k] - mean;
        }
      }
      return candidate;
    }
    for (int i = 0; i < columns.length; i++) {
      double[] column = columns[i];
      for (int k = 0; k < length(); k++) {
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
      for (int k = 0; k < length(); k++) {
        z[k] = candidate[k] - origin[k];
      }
      return z;
    }
    // The columns are orthogonal: eigenvectors of a symmetric matrix.
    for (int i = 0; i < columns.length; i++) {
      for (int k = 0; k < length(); k++) {
        z[i] += columns[i][k] * (candidate[k] - origin[k]);
      }
      z[i] /= squares[i];
    }
    return z;
  }

  /**
   * The gradient with respect to the coordinates, B^T g.
   *
   * @param gradient {@code G * K} derivatives with respect to the coefficients
   * @return n derivatives
   */
  public double[] gradient(double[] gradient) {
    double[] slopes = new double[dimension()];
    if (columns == null) {
      for (int from = 0; from < length(); from += checkpoints) {
        double mean = Coefficients.sum(gradient, from, from + checkpoints) / checkpoints;
        for (int k = from; k < from + checkpoints; k++) {
          slopes[k] = gradient[k] - mean;
        }
      }
      return slopes;
    }
    for (int i = 0; i < columns.length; i++) {
      for (int k = 0; k < length(); k++) {
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
