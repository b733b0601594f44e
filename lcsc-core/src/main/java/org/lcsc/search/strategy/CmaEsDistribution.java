package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.lcsc.checkpoint.Coefficients;

/**
 * The normal distribution {@code N(mean, sigma^2 C)} of CMA-ES and its update from ranked steps
 * (Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, Figure 6). C is full or
 * diagonal. Not thread-safe.
 */
final class CmaEsDistribution {

  /** C's condition number is kept below its square, so that steps stay within double precision. */
  private static final double AXIS_RATIO = 1e7;

  private static final double MAX_SIGMA_RANGE = 1e6;

  private final int dimension;
  private final boolean diagonal;
  private final int zeroSums;
  private final CmaEsConstants constants;
  private final double expectedLength;
  private final double firstSigma;

  private double[] mean;
  private double sigma;
  private double[] path;
  private double[] stepPath;

  /** {@code [n][n]}; with a diagonal covariance its one row of variances. */
  private double[][] covariance;

  private long updates;

  /** Of the covariance; null where it is to be made anew. */
  private SymmetricEigen eigen;

  /**
   * Starts at 0 with C the identity.
   *
   * @param dimension n
   * @param zeroSums into how many equal parts a sample's coordinates fall that each sum to 0, so
   *     that n less so many of them are free; 0 where all are
   */
  CmaEsDistribution(int dimension, int population, boolean diagonal, int zeroSums, double sigma) {
    this.dimension = dimension;
    this.diagonal = diagonal;
    this.zeroSums = zeroSums;
    this.expectedLength = CmaEsConstants.expectedLength(dimension - zeroSums);
    this.constants = CmaEsConstants.of(dimension, population, diagonal);
    this.firstSigma = sigma;
    this.sigma = sigma;
    mean = new double[dimension];
    path = new double[dimension];
    stepPath = new double[dimension];
    covariance = new double[diagonal ? 1 : dimension][dimension];
    for (int i = 0; i < dimension; i++) {
      covariance[diagonal ? 0 : i][i] = 1;
    }
  }

  double sigma() {
    return sigma;
  }

  double[] mean() {
    return mean.clone();
  }

  int parents() {
    return constants.parents();
  }

  /** A point. */
  double[] sample(Random random) {
    double[] standard = new double[dimension];
    for (int i = 0; i < dimension; i++) {
      standard[i] = random.nextGaussian();
    }
    double[] point = mean.clone();
    if (diagonal) {
      double[] variances = covariance[0];
      for (int i = 0; i < dimension; i++) {
        standard[i] *= Math.sqrt(variances[i]);
      }
      int parts = Math.max(1, zeroSums);
      for (int part = 0; part < parts; part++) {
        int from = part * (dimension / parts);
        int to = from + dimension / parts;
        double excess = Coefficients.sum(standard, from, to);
        // The normal distribution given that the sum is 0: each gives way by its variance.
        double share = zeroSums > 0 ? excess / Coefficients.sum(variances, from, to) : 0;
        for (int i = from; i < to; i++) {
          point[i] += sigma * (standard[i] - share * variances[i]);
        }
      }
      return point;
    }
    SymmetricEigen axes = eigen();
    for (int a = 0; a < dimension; a++) {
      double length = sigma * Math.sqrt(axes.values()[a]) * standard[a];
      for (int i = 0; i < dimension; i++) {
        point[i] += length * axes.vectors()[a][i];
      }
    }
    return point;
  }

  /** The step size is too long where nearly nothing that was sampled can be used. */
  void shrink() {
    sigma *= 0.5;
  }

  /**
   * Adapts to a generation.
   *
   * @param ranked its points, best first, {@code [lambda][n]}
   */
  void update(double[][] ranked) {
    double[][] steps = new double[ranked.length][dimension];
    double[] shift = new double[dimension];
    for (int i = 0; i < ranked.length; i++) {
      for (int k = 0; k < dimension; k++) {
        steps[i][k] = (ranked[i][k] - mean[k]) / sigma;
        if (i < constants.parents()) {
          shift[k] += constants.weights()[i] * steps[i][k];
        }
      }
    }
    double[][] whitened = new double[ranked.length][];
    for (int i = constants.parents(); i < ranked.length; i++) {
      whitened[i] = whitened(steps[i]);
    }
    double[] whiteShift = whitened(shift);
    updates++;
    double mass = constants.selectionMass();
    double cs = constants.stepPathRate();
    double lengthSquared = 0;
    for (int k = 0; k < dimension; k++) {
      mean[k] += sigma * shift[k];
      stepPath[k] = (1 - cs) * stepPath[k] + Math.sqrt(cs * (2 - cs) * mass) * whiteShift[k];
      lengthSquared += stepPath[k] * stepPath[k];
    }
    double length = Math.sqrt(lengthSquared);
    double begun = Math.sqrt(1 - StrictMath.pow(1 - cs, 2.0 * updates));
    boolean moving = length / begun < (1.4 + 2 / (dimension + 1.0)) * expectedLength;
    double cc = constants.pathRate();
    for (int k = 0; k < dimension; k++) {
      path[k] = (1 - cc) * path[k] + (moving ? Math.sqrt(cc * (2 - cc) * mass) * shift[k] : 0);
    }
    adaptCovariance(steps, whitened, moving ? 0 : cc * (2 - cc));
    double factor = StrictMath.exp(cs / constants.damping() * (length / expectedLength - 1));
    sigma =
        Math.min(
            firstSigma * MAX_SIGMA_RANGE, Math.max(firstSigma / MAX_SIGMA_RANGE, sigma * factor));
  }

  private void adaptCovariance(double[][] steps, double[][] whitened, double stalled) {
    double[] weights = constants.weights().clone();
    double c1 = constants.rankOneRate();
    double cmu = constants.rankMuRate();
    double keep = 1 + c1 * stalled - c1;
    for (int i = 0; i < weights.length; i++) {
      keep -= cmu * weights[i];
      if (weights[i] < 0) {
        double square = 1e-12;
        for (double value : whitened[i]) {
          square += value * value;
        }
        weights[i] *= dimension / square;
      }
    }
    for (int row = 0; row < covariance.length; row++) {
      for (int k = 0; k < dimension; k++) {
        int other = diagonal ? k : row;
        double sum = keep * covariance[row][k] + c1 * path[other] * path[k];
        for (int i = 0; i < weights.length; i++) {
          sum += cmu * weights[i] * steps[i][other] * steps[i][k];
        }
        covariance[row][k] = sum;
      }
    }
    eigen = null;
    if (diagonal) {
      double[] variances = covariance[0];
      double largest = 0;
      for (double variance : variances) {
        largest = Math.max(largest, variance);
      }
      for (int k = 0; k < dimension; k++) {
        variances[k] = Math.max(variances[k], largest / (AXIS_RATIO * AXIS_RATIO));
      }
    }
  }

  /** {@code C^(-1/2) step}. */
  private double[] whitened(double[] step) {
    double[] white = new double[dimension];
    if (diagonal) {
      for (int k = 0; k < dimension; k++) {
        white[k] = step[k] / Math.sqrt(covariance[0][k]);
      }
      return white;
    }
    SymmetricEigen axes = eigen();
    for (int a = 0; a < dimension; a++) {
      double along = 0;
      for (int k = 0; k < dimension; k++) {
        along += axes.vectors()[a][k] * step[k];
      }
      along /= Math.sqrt(axes.values()[a]);
      for (int k = 0; k < dimension; k++) {
        white[k] += along * axes.vectors()[a][k];
      }
    }
    return white;
  }

  private SymmetricEigen eigen() {
    if (eigen == null) {
      eigen = SymmetricEigen.of(covariance);
      double[] values = eigen.values();
      for (int i = 0; i < values.length; i++) {
        values[i] = Math.max(values[i], values[0] / (AXIS_RATIO * AXIS_RATIO));
      }
    }
    return eigen;
  }

  void write(DataOutputStream out) throws IOException {
    out.writeLong(updates);
    out.writeDouble(sigma);
    StrategySnapshot.writeRows(out, new double[][] {mean, path, stepPath});
    StrategySnapshot.writeRows(out, covariance);
  }

  /** Takes the state that {@link #write} wrote. */
  void read(DataInputStream in) throws IOException {
    long savedUpdates = in.readLong();
    double savedSigma = in.readDouble();
    double[][] vectors = StrategySnapshot.readRows(in);
    double[][] savedCovariance = StrategySnapshot.readRows(in);
    if (vectors.length != 3
        || vectors[0].length != dimension
        || savedCovariance.length != covariance.length) {
      throw new IOException("it is of another dimension than " + dimension);
    }
    updates = savedUpdates;
    sigma = savedSigma;
    mean = vectors[0];
    path = vectors[1];
    stepPath = vectors[2];
    covariance = savedCovariance;
    eigen = null;
  }
}
