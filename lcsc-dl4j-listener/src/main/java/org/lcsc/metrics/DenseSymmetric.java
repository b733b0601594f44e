package org.lcsc.metrics;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Symmetric double matrices on ND4J's BLAS and LAPACK. Stateless. */
final class DenseSymmetric {

  private DenseSymmetric() {}

  /** Copies a column-major double matrix that owns its buffer; {@code [D * D]}, column-major. */
  static double[] toHost(INDArray matrix) {
    if (8 * matrix.length() > Integer.MAX_VALUE) {
      return matrix.data().asDouble();
    }
    double[] values = new double[(int) matrix.length()];
    matrix.data().asNioDouble().get(values);
    return values;
  }

  /** A matrix from {@code [D * D]} values. */
  static INDArray toDevice(double[] values, int dimension) {
    return Nd4j.create(values, new long[] {dimension, dimension}, 'f');
  }

  /**
   * Eigenvalues in ascending order.
   *
   * @param matrix {@code [D, D]} column-major double; only the lower triangle is read; destroyed
   * @throws ArithmeticException where the iteration does not converge
   */
  static double[] eigenvalues(INDArray matrix) {
    return solve('N', matrix);
  }

  /**
   * Eigenvalues in ascending order; the matrix is overwritten by the eigenvectors, one per column.
   *
   * @param matrix {@code [D, D]} column-major double; only the lower triangle is read
   * @throws ArithmeticException where the iteration does not converge
   */
  static double[] eigenvectors(INDArray matrix) {
    return solve('V', matrix);
  }

  private static double[] solve(char job, INDArray matrix) {
    INDArray values = Nd4j.create(DataType.DOUBLE, matrix.rows());
    int status = Nd4j.getBlasWrapper().lapack().syev(job, 'L', matrix, values);
    if (status != 0) {
      throw new ArithmeticException(
          "LAPACK syev failed on a "
              + matrix.rows()
              + " x "
              + matrix.columns()
              + " covariance product with status "
              + status);
    }
    double[] result = values.data().asDouble();
    values.close();
    return result;
  }
}
