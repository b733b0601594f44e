package org.lcsc.metrics;

import org.lcsc.io.HostMemory;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Symmetric double matrices on ND4J's BLAS and LAPACK. Stateless. */
final class DenseSymmetric {

  /** From this size on, blocks cost nothing beside what they save. */
  private static final int LARGE = 512;

  private static final int BLOCKS = 8;

  private DenseSymmetric() {}

  /** Copies a column-major double matrix that owns its buffer; {@code [D * D]}, column-major. */
  static double[] toHost(INDArray matrix) {
    double[] values = new double[Math.toIntExact(matrix.length())];
    try (HostMemory memory = HostMemory.read(matrix)) {
      memory.get(0, values, 0, values.length);
    }
    return values;
  }

  /** A matrix from {@code [D * D]} values. */
  static INDArray toDevice(double[] values, int dimension) {
    return Nd4j.create(values, new long[] {dimension, dimension}, 'f');
  }

  /**
   * The lower triangle of a product that is known to be symmetric, in blocks of columns: little
   * more than half of the full product's time. What is above is 0.
   *
   * @param left {@code [D, R]} column-major double
   * @param right {@code [D, R]} column-major double
   * @return {@code left^T right}, {@code [R, R]} column-major
   */
  static INDArray lowerProduct(INDArray left, INDArray right) {
    int size = left.columns();
    int blocks = size < LARGE ? 1 : BLOCKS;
    double[] values = new double[size * size];
    for (int b = 0; b < blocks; b++) {
      int first = (int) ((long) b * size / blocks);
      int end = (int) ((long) (b + 1) * size / blocks);
      INDArray block =
          Nd4j.createUninitialized(DataType.DOUBLE, new long[] {size - first, end - first}, 'f');
      INDArray rows = left.get(NDArrayIndex.all(), NDArrayIndex.interval(first, size));
      INDArray columns = right.get(NDArrayIndex.all(), NDArrayIndex.interval(first, end));
      Nd4j.gemm(rows, columns, block, true, false, 1.0, 0.0);
      double[] host = toHost(block);
      block.close();
      for (int column = first; column < end; column++) {
        System.arraycopy(
            host,
            (column - first) * (size - first) + column - first,
            values,
            column * size + column,
            size - column);
      }
    }
    return toDevice(values, size);
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
          Text.format(
              "LAPACK syev failed on a %s x %s covariance product with status %s",
              matrix.rows(), matrix.columns(), status));
    }
    double[] result = toHost(values);
    values.close();
    return result;
  }
}
