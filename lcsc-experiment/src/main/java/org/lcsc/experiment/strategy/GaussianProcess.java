package org.lcsc.experiment.strategy;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;

/**
 * Regression by a Gaussian process with a constant mean and an isotropic Matern kernel of
 * smoothness 5/2; mean and variance of the prior are those of greatest likelihood (Rasmussen and
 * Williams, "Gaussian Processes for Machine Learning", 2006, Equations 2.23 to 2.30, 4.17 and 5.8).
 * Immutable and thread-safe.
 */
final class GaussianProcess {

  private static final double SQRT_5 = Math.sqrt(5);

  private final double[][] points;
  private final double length;
  private final RealMatrix factor;
  private final RealVector weights;
  private final double mean;
  private final double variance;
  private final double logLikelihood;

  /**
   * Fits values.
   *
   * @param points {@code [n][d]}, all different
   * @param values {@code [n]}
   * @param length of the kernel, above 0
   * @param nugget variance of the noise as a share of the prior's, above 0
   */
  GaussianProcess(double[][] points, double[] values, double length, double nugget) {
    this.points = points;
    this.length = length;
    int n = points.length;
    double[][] kernel = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        kernel[i][j] = kernel(points[i], points[j]);
        kernel[j][i] = kernel[i][j];
      }
      kernel[i][i] += nugget;
    }
    CholeskyDecomposition cholesky =
        new CholeskyDecomposition(new Array2DRowRealMatrix(kernel, false));
    factor = cholesky.getL();
    RealVector ones = new ArrayRealVector(n, 1);
    RealVector solvedOnes = cholesky.getSolver().solve(ones);
    RealVector target = new ArrayRealVector(values);
    mean = solvedOnes.dotProduct(target) / solvedOnes.dotProduct(ones);
    RealVector centred = target.mapSubtract(mean);
    weights = cholesky.getSolver().solve(centred);
    variance = Math.max(centred.dotProduct(weights) / n, Double.MIN_NORMAL);
    double logDeterminant = 0;
    for (int i = 0; i < n; i++) {
      logDeterminant += 2 * StrictMath.log(factor.getEntry(i, i));
    }
    logLikelihood = -0.5 * (n * StrictMath.log(variance) + logDeterminant);
  }

  /** Logarithm of the likelihood of the values, less what all fits of them share. */
  double logLikelihood() {
    return logLikelihood;
  }

  /** Mean and standard deviation of the value at a point, without noise, {@code [2]}. */
  double[] predict(double[] point) {
    double[] kernel = new double[points.length];
    for (int i = 0; i < kernel.length; i++) {
      kernel[i] = kernel(point, points[i]);
    }
    RealVector covariance = new ArrayRealVector(kernel, false);
    double predicted = mean + covariance.dotProduct(weights);
    MatrixUtils.solveLowerTriangularSystem(factor, covariance);
    double explained = covariance.dotProduct(covariance);
    return new double[] {predicted, Math.sqrt(variance * Math.max(0, 1 - explained))};
  }

  private double kernel(double[] a, double[] b) {
    double square = 0;
    for (int i = 0; i < a.length; i++) {
      square += (a[i] - b[i]) * (a[i] - b[i]);
    }
    double r = SQRT_5 * Math.sqrt(square) / length;
    return (1 + r + r * r / 3) * StrictMath.exp(-r);
  }
}
