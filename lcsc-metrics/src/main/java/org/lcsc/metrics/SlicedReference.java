package org.lcsc.metrics;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link SlicedDistance#against}. The i-th smallest of N projections is compared with the reference
 * projections' quantile at {@code (i + 1/2) / N}, which of N reference vectors is their i-th
 * smallest. Immutable and thread-safe.
 *
 * <p>With p the projections along M unit vectors u and q the quantiles, the distance is {@code 3 D
 * / (N M)} times the sum of {@code (p - q)^2}, and its gradient {@code 6 D / (N M)} times the sum
 * of {@code (p - q) u}: the order does not change with a small step.
 */
final class SlicedReference extends RowDistance {

  /** Unit vectors, {@code M * D} row-major. */
  private final double[] directions;

  /** For every direction the ascending projections of the reference vectors. */
  private final double[][] real;

  SlicedReference(double[] reference, int dimension, double[] directions) {
    super(dimension);
    int count = directions.length / dimension;
    this.directions = SlicedDistance.unit(directions, 0, count, dimension);
    this.real = new double[count][];
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray vectors = SlicedDistance.columns(reference, dimension);
      int rows = vectors.columns();
      for (int start = 0; start < count; start += SlicedDistance.BLOCK) {
        INDArray units = units(start);
        double[] sorted = SlicedDistance.sortedProjections(vectors, units);
        for (int m = 0; m < units.columns(); m++) {
          real[start + m] = Arrays.copyOfRange(sorted, m * rows, (m + 1) * rows);
        }
        units.close();
      }
      vectors.close();
    }
  }

  @Override
  public String name() {
    return "mind";
  }

  @Override
  double finite(float[] features, double[] gradient) {
    double[] values = new double[features.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = features[i];
    }
    int rows = features.length / dimension;
    double scale = 3.0 * dimension / rows / real.length;
    double sum = 0;
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray vectors = SlicedDistance.columns(values, dimension);
      for (int start = 0; start < real.length; start += SlicedDistance.BLOCK) {
        INDArray units = units(start);
        INDArray products = SlicedDistance.projections(vectors, units);
        double[] differences = DenseSymmetric.toHost(products);
        for (int m = 0; m < units.columns(); m++) {
          sum += differences(differences, m * rows, rows, real[start + m]);
        }
        if (gradient != null) {
          add(differences, units, scale, gradient);
        }
        products.close();
        units.close();
      }
      vectors.close();
    }
    return scale * sum;
  }

  /** The block of directions that begins there, {@code [D, m]} column-major. */
  private INDArray units(int start) {
    int end = Math.min(real.length, start + SlicedDistance.BLOCK);
    return SlicedDistance.columns(
        Arrays.copyOfRange(directions, start * dimension, end * dimension), dimension);
  }

  /**
   * Puts the differences to the quantiles in the place of projections.
   *
   * @return the sum of their squares
   */
  private static double differences(double[] projections, int from, int rows, double[] quantiles) {
    long[] order = new long[rows];
    for (int i = 0; i < rows; i++) {
      // Ascending as floats are, with the place in the lower half; the shift makes room for a sign.
      int bits = Float.floatToIntBits((float) projections[from + i]);
      order[i] = (long) (bits ^ (bits >> 31 & Integer.MAX_VALUE)) << 32 | i;
    }
    Arrays.sort(order);
    double sum = 0;
    for (int rank = 0; rank < rows; rank++) {
      int place = from + (int) order[rank];
      int quantile = (int) ((2L * rank + 1) * quantiles.length / (2L * rows));
      double difference = projections[place] - quantiles[quantile];
      projections[place] = difference;
      sum += difference * difference;
    }
    return sum;
  }

  private void add(double[] differences, INDArray units, double scale, double[] gradient) {
    int rows = gradient.length / dimension;
    INDArray weights = Nd4j.create(differences, new long[] {rows, units.columns()}, 'f');
    INDArray added = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {dimension, rows}, 'f');
    Nd4j.gemm(units, weights, added, false, true, 2 * scale, 0.0);
    double[] sums = DenseSymmetric.toHost(added);
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] += sums[i];
    }
    weights.close();
    added.close();
  }
}
