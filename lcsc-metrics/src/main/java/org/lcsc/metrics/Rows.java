package org.lcsc.metrics;

import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.Random;
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

  /**
   * Refuses values that are no whole rows.
   *
   * @throws IllegalArgumentException where their number is no multiple of the dimension
   */
  static void requireWhole(float[] features, int dimension) {
    if (features.length % dimension != 0) {
      throw new IllegalArgumentException(
          "Features must be whole rows of " + dimension + ", got " + features.length + " values");
    }
  }

  /**
   * Rows at random positions, all different.
   *
   * @param rows one after the other
   * @param drawn array of the same type to fill with as many as it holds
   * @return {@code drawn}
   */
  static <A> A draw(A rows, A drawn, int dimension, Random random) {
    int[] order = new int[Array.getLength(rows) / dimension];
    Arrays.setAll(order, i -> i);
    int count = Array.getLength(drawn) / dimension;
    for (int i = 0; i < count; i++) {
      int other = i + random.nextInt(order.length - i);
      int chosen = order[other];
      order[other] = order[i];
      order[i] = chosen;
      System.arraycopy(rows, chosen * dimension, drawn, i * dimension, dimension);
    }
    return drawn;
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
