package org.lcsc.averaging;

/** Small dense symmetric positive definite systems. */
final class LinearSystem {

  private LinearSystem() {}

  /**
   * Solves by Gaussian elimination with partial pivoting, after scaling the diagonal to 1.
   *
   * @param system {@code [n][n + 1]}, symmetric positive definite, the right-hand side last;
   *     overwritten
   * @throws ArithmeticException where it is singular
   */
  static double[] solve(double[][] system) {
    int n = system.length;
    double[] scale = new double[n];
    for (int i = 0; i < n; i++) {
      scale[i] = 1 / Math.sqrt(system[i][i]);
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        system[i][j] *= scale[i] * scale[j];
      }
      system[i][n] *= scale[i];
    }
    for (int column = 0; column < n; column++) {
      pivot(system, column);
      for (int row = column + 1; row < n; row++) {
        double factor = system[row][column] / system[column][column];
        for (int j = column; j <= n; j++) {
          system[row][j] -= factor * system[column][j];
        }
      }
    }
    double[] solution = new double[n];
    for (int row = n - 1; row >= 0; row--) {
      double value = system[row][n];
      for (int j = row + 1; j < n; j++) {
        value -= system[row][j] * solution[j];
      }
      solution[row] = value / system[row][row];
    }
    for (int i = 0; i < n; i++) {
      solution[i] *= scale[i];
    }
    return solution;
  }

  private static void pivot(double[][] system, int column) {
    int best = column;
    for (int row = column + 1; row < system.length; row++) {
      if (Math.abs(system[row][column]) > Math.abs(system[best][column])) {
        best = row;
      }
    }
    if (!(Math.abs(system[best][column]) > 0)) {
      throw new ArithmeticException("a system of " + system.length + " equations is singular");
    }
    double[] swapped = system[best];
    system[best] = system[column];
    system[column] = swapped;
  }
}
