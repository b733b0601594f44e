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
 * Kernel distance between two sets of feature vectors: KID, where the features are Inception's
 * (Binkowski et al., 2018, section 4).
 *
 * <p>It is the unbiased estimate of the squared maximum mean discrepancy under the kernel {@code (x
 * . y / D + 1)^3}. Unlike FID its expectation does not depend on the number of samples, which makes
 * it the better choice where samples are few; it may be negative. Stateless and thread-safe.
 */
public final class KernelDistance {

  private KernelDistance() {}

  /**
   * An estimate from random subsets.
   *
   * @param mean mean over the subsets
   * @param deviation standard deviation over the subsets, divisor their number
   */
  public record Estimate(double mean, double deviation) {}

  /**
   * Prepares a set for many comparisons, with gradients.
   *
   * @param reference {@code [M, D]}, M at least 2; copied
   * @throws IllegalArgumentException where the shape is another or a feature is not finite
   */
  public static FeatureDistance against(INDArray reference) {
    check(reference, reference, 2);
    float[] rows = HostArrays.floats(reference);
    Refuse.argument(!HostArrays.allFinite(rows), "Reference features hold NaN or infinite values");
    return new KernelReference(rows, Math.toIntExact(reference.size(1)));
  }

  /**
   * Compares all rows of both sets.
   *
   * @param first {@code [N, D]}, N at least 2
   * @param second {@code [M, D]}, M at least 2
   * @return the unbiased squared discrepancy; NaN where a feature is not finite
   * @throws IllegalArgumentException where shapes do not fit
   */
  public static double between(INDArray first, INDArray second) {
    check(first, second, 2);
    return unbiased(
        HostArrays.doubles(first), HostArrays.doubles(second), Math.toIntExact(first.size(1)));
  }

  /**
   * Averages over random subsets, drawn without replacement from either set. The usual setting is
   * 100 subsets of 1,000.
   *
   * @param first {@code [N, D]}
   * @param second {@code [M, D]}
   * @param subsets number of subsets, at least 1
   * @param subsetSize rows of either set in a subset, from 2 to the smaller of N and M
   * @param seed chooses the subsets
   * @throws IllegalArgumentException where shapes or numbers do not fit
   */
  public static Estimate overSubsets(
      INDArray first, INDArray second, int subsets, int subsetSize, long seed) {
    Refuse.argument(subsets < 1, "subsets must be at least 1, got %s", subsets);
    Refuse.argument(subsetSize < 2, "subsetSize must be at least 2, got %s", subsetSize);
    check(first, second, subsetSize);
    int dimension = Math.toIntExact(first.size(1));
    double[] x = HostArrays.doubles(first);
    double[] y = HostArrays.doubles(second);
    Random random = new Random(seed);
    double[] estimates = new double[subsets];
    for (int i = 0; i < subsets; i++) {
      estimates[i] =
          unbiased(
              Rows.draw(x, new double[subsetSize * dimension], dimension, random),
              Rows.draw(y, new double[subsetSize * dimension], dimension, random),
              dimension);
    }
    double mean = Arrays.stream(estimates).average().orElseThrow();
    double variance =
        Arrays.stream(estimates).map(e -> (e - mean) * (e - mean)).average().orElseThrow();
    return new Estimate(mean, Math.sqrt(variance));
  }

  private static void check(INDArray first, INDArray second, int least) {
    Refuse.argument(
        first.rank() != 2 || second.rank() != 2 || first.size(1) != second.size(1),
        "Features must have shapes [N, D] and [M, D], got %s and %s",
        first.shape(),
        second.shape());
    Refuse.argument(
        Math.min(first.size(0), second.size(0)) < least,
        "Both sets need at least %s samples, got %s and %s",
        least,
        first.size(0),
        second.size(0));
  }

  private static double unbiased(double[] x, double[] y, int dimension) {
    double n = (double) x.length / dimension;
    double m = (double) y.length / dimension;
    return kernelSum(x, x, dimension, true) / (n * (n - 1))
        + kernelSum(y, y, dimension, true) / (m * (m - 1))
        - 2 * kernelSum(x, y, dimension, false) / (n * m);
  }

  /** Sum of the kernel over all pairs, or over the pairs of different rows. */
  private static double kernelSum(double[] x, double[] y, int dimension, boolean skipDiagonal) {
    int n = x.length / dimension;
    int m = y.length / dimension;
    double[] products;
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray left = Nd4j.create(x, new long[] {dimension, n}, 'f');
      INDArray right = Nd4j.create(y, new long[] {dimension, m}, 'f');
      INDArray gram = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {n, m}, 'f');
      Nd4j.gemm(left, right, gram, true, false, 1.0 / dimension, 0.0);
      products = DenseSymmetric.toHost(gram);
      left.close();
      right.close();
      gram.close();
    }
    double sum = 0;
    for (int column = 0; column < m; column++) {
      double columnSum = 0;
      for (int row = 0; row < n; row++) {
        if (!skipDiagonal || row != column) {
          double base = products[column * n + row] + 1;
          columnSum += base * base * base;
        }
      }
      sum += columnSum;
    }
    return sum;
  }
}
