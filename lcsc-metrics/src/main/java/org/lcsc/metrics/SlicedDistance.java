package org.lcsc.metrics;

import java.util.Arrays;
import java.util.Random;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Sliced squared 2-Wasserstein distance of two sets of feature vectors, times 3 D: MIND, Monge
 * inception distance, where the features are Inception's (Berthet et al., 2026). Along random
 * directions both sets are sorted and compared in order; so, unlike in FID, all of their
 * distribution along the directions counts and not its mean and variance alone.
 *
 * <p>It depends on the number of vectors: compare equal numbers only. Projections are kept of
 * {@value #BLOCK} directions at a time. Stateless and thread-safe.
 */
public final class SlicedDistance {

  /** Of all directions together: 2 GiB. */
  private static final int MAX_VALUES = 1 << 28;

  /** The usual number of directions. */
  public static final int DIRECTIONS = 1_000;

  static final int BLOCK = 64;

  private SlicedDistance() {}

  /**
   * Compares along random directions.
   *
   * @param first {@code [N, D]}
   * @param second {@code [N, D]}
   * @param directions number of directions, at least 1
   * @param seed chooses them
   * @return NaN where a feature is not finite
   * @throws IllegalArgumentException where shapes do not fit
   */
  public static double between(INDArray first, INDArray second, int directions, long seed) {
    return between(first, second, drawn(directions, Math.toIntExact(first.size(1)), seed));
  }

  /**
   * Prepares a set for many comparisons, with gradients. Numbers of vectors may differ: quantiles
   * of the reference are compared then.
   *
   * @param reference {@code [M, D]}; copied
   * @param directions number of directions, at least 1
   * @param seed chooses them
   * @throws IllegalArgumentException where the shape is another or a feature is not finite
   */
  public static FeatureDistance against(INDArray reference, int directions, long seed) {
    Refuse.argument(
        reference.rank() != 2 || reference.size(0) < 1,
        "Reference features must have shape [M, D], got %s",
        reference.shape());
    double[] rows = HostArrays.doubles(reference);
    Refuse.argument(
        !Arrays.stream(rows).allMatch(Double::isFinite),
        "Reference features hold NaN or infinite values");
    int dimension = Math.toIntExact(reference.size(1));
    return new SlicedReference(rows, dimension, drawn(directions, dimension, seed));
  }

  private static double[] drawn(int directions, int dimension, long seed) {
    int most = MAX_VALUES / dimension;
    Refuse.argument(
        directions < 1 || directions > most,
        "directions must be from 1 to %s in %s dimensions, got %s",
        most,
        dimension,
        directions);
    Random random = new Random(seed);
    double[] drawn = new double[directions * dimension];
    Arrays.setAll(drawn, i -> random.nextGaussian());
    return drawn;
  }

  /**
   * Compares along given directions.
   *
   * @param directions {@code M * D} values, row-major; of any length but 0, which does not matter
   */
  static double between(INDArray first, INDArray second, double[] directions) {
    Refuse.argument(
        first.rank() != 2 || first.size(0) < 1 || !Arrays.equals(first.shape(), second.shape()),
        "Both sets must have the same shape [N, D], got %s and %s",
        first.shape(),
        second.shape());
    int dimension = Math.toIntExact(first.size(1));
    int rows = Math.toIntExact(first.size(0));
    int count = directions.length / dimension;
    double sum = 0;
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray x = columns(HostArrays.doubles(first), dimension);
      INDArray y = columns(HostArrays.doubles(second), dimension);
      for (int start = 0; start < count; start += BLOCK) {
        int end = Math.min(count, start + BLOCK);
        INDArray units = columns(unit(directions, start, end, dimension), dimension);
        double[] left = sortedProjections(x, units);
        double[] right = sortedProjections(y, units);
        units.close();
        for (int i = 0; i < left.length; i++) {
          sum += (left[i] - right[i]) * (left[i] - right[i]);
        }
      }
      x.close();
      y.close();
    }
    return 3.0 * dimension * sum / rows / count;
  }

  /** {@code [D, N]} column-major: one vector per column. */
  static INDArray columns(double[] vectors, int dimension) {
    return Nd4j.create(vectors, new long[] {dimension, vectors.length / dimension}, 'f');
  }

  static double[] unit(double[] directions, int from, int to, int dimension) {
    double[] units = Arrays.copyOfRange(directions, from * dimension, to * dimension);
    for (int start = 0; start < units.length; start += dimension) {
      double squares = 0;
      for (int i = start; i < start + dimension; i++) {
        squares += units[i] * units[i];
      }
      for (int i = start; i < start + dimension; i++) {
        units[i] /= Math.sqrt(squares);
      }
    }
    return units;
  }

  /** Projections by direction, ascending within each. */
  static double[] sortedProjections(INDArray vectors, INDArray units) {
    int rows = vectors.columns();
    INDArray products = projections(vectors, units);
    double[] values = DenseSymmetric.toHost(products);
    products.close();
    for (int start = 0; start < values.length; start += rows) {
      Arrays.sort(values, start, start + rows);
    }
    return values;
  }

  /** {@code [N, m]} column-major: one direction per column. */
  static INDArray projections(INDArray vectors, INDArray units) {
    INDArray products =
        Nd4j.createUninitialized(
            DataType.DOUBLE, new long[] {vectors.columns(), units.columns()}, 'f');
    Nd4j.gemm(vectors, units, products, true, false, 1.0, 0.0);
    return products;
  }
}
