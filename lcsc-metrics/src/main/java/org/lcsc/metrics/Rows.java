package org.lcsc.metrics;

import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Samples as the rows of an array. */
final class Rows {

  private Rows() {}

  /**
   * Refuses an array of another shape.
   *
   * @param what the rows are, for the message
   * @throws IllegalArgumentException where it is not {@code [N, dimension]}
   */
  static void require(String what, INDArray rows, int dimension) {
    Refuse.argument(
        rows.rank() != 2 || rows.size(1) != dimension,
        "%s must have shape [N, %s], got %s",
        what,
        dimension,
        rows.shape());
  }

  /** The mean of rows one after the other, {@code [dimension]}. */
  static double[] mean(double[] rows, int dimension) {
    int count = rows.length / dimension;
    double[] mean = new double[dimension];
    for (int i = 0; i < rows.length; i++) {
      mean[i % dimension] += rows[i] / count;
    }
    return mean;
  }
}
