package org.lcsc.search.strategy;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.lcsc.checkpoint.Coefficients;

/**
 * Eigendecomposition of a small symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan,
 * Matrix Computations, Section 8.5). Takes some 10 n^3 operations; plain Java, so the same bits on
 * every machine.
 *
 * @param values eigenvalues, descending, {@code [n]}
 * @param vectors row i is the unit eigenvector of value i, {@code [n][n]}
 */
record SymmetricEigen(double[] values, double[][] vectors) {

  private static final int MAX_SWEEPS = 60;

  /**
   * Decomposes a matrix.
   *
   * @param matrix {@code [n][n]}, finite and symmetric; not modified
   * @throws ArithmeticException where it does not converge, as with a NaN
   */
  static SymmetricEigen of(double[][] matrix) {
    int n = matrix.length;
    double[][] a = Coefficients.copyOf(matrix);
    double[][] v = new double[n][n];
    double norm = 0;
    for (int i = 0; i < n; i++) {
      v[i][i] = 1;
      for (double value : a[i]) {
        norm += value * value;
      }
    }
    for (int sweep = 0; sweep < MAX_SWEEPS; sweep++) {
      // Below this the rotations would change nothing but rounding.
      if (offDiagonal(a) <= 1e-30 * norm) {
        return sorted(a, v);
      }
      for (int p = 0; p < n - 1; p++) {
        for (int q = p + 1; q < n; q++) {
          rotate(a, v, p, q);
        }
      }
    }
    throw new ArithmeticException(
        "the eigendecomposition of a " + n + " x " + n + " matrix does not converge");
  }

  private static double offDiagonal(double[][] a) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < i; j++) {
        sum += 2 * a[i][j] * a[i][j];
      }
    }
    return sum;
  }

  /** One rotation in the plane of p and q that makes {@code a[p][q]} zero. */
  private static void rotate(double[][] a, double[][] v, int p, int q) {
    if (a[p][q] == 0) {
      return;
    }
    double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
    double c = 1 / Math.sqrt(t * t + 1);
    double s = t * c;
    double[] rowP = a[p];
    double[] rowQ = a[q];
    for (int k = 0; k < a.length; k++) {
      double kp = a[k][p];
      double kq = a[k][q];
      a[k][p] = c * kp - s * kq;
      a[k][q] = s * kp + c * kq;
    }
    for (int k = 0; k < a.length; k++) {
      double pk = rowP[k];
      double qk = rowQ[k];
      rowP[k] = c * pk - s * qk;
      rowQ[k] = s * pk + c * qk;
      double vp = v[p][k];
      double vq = v[q][k];
      v[p][k] = c * vp - s * vq;
      v[q][k] = s * vp + c * vq;
    }
    rowP[q] = 0;
    rowQ[p] = 0;
  }

  private static SymmetricEigen sorted(double[][] a, double[][] v) {
    int[] order =
        IntStream.range(0, a.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -a[i][i]))
            .mapToInt(i -> i)
            .toArray();
    return new SymmetricEigen(
        Arrays.stream(order).mapToDouble(i -> a[i][i]).toArray(),
        Arrays.stream(order).mapToObj(i -> v[i]).toArray(double[][]::new));
  }
}
