package org.lcsc.metrics;

import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Squared maximum mean discrepancy of two sets of feature vectors under the kernel {@code exp(-|x -
 * y|^2 / (2 bandwidth^2))}, times 1,000: CMMD, where the features are CLIP's embeddings of unit
 * length (Jayasumana et al., 2024, "Rethinking FID", section 4). Unlike FID it takes no
 * distribution for Gaussian.
 *
 * <p>It is the biased estimate of least variance (Gretton et al., 2012, equation 5), never below 0
 * but for rounding, which falls as 1/N: compare equal numbers only. Distances are computed in
 * blocks, never as a whole N x M matrix. Stateless and thread-safe.
 */
public final class GaussianDiscrepancy {

  /** The paper's bandwidth. */
  public static final double BANDWIDTH = 10;

  private static final double SCALE = 1_000;

  private GaussianDiscrepancy() {}

  /**
   * Compares all rows of both sets.
   *
   * @param first {@code [N, D]}
   * @param second {@code [M, D]}
   * @param bandwidth in units of the features, above 0
   * @throws IllegalArgumentException where shapes do not fit or a feature is not finite
   */
  public static double between(INDArray first, INDArray second, double bandwidth) {
    Refuse.argument(!(bandwidth > 0), "bandwidth must be above 0, got %s", bandwidth);
    return SCALE
        * (meanKernel(first, first, bandwidth)
            + meanKernel(second, second, bandwidth)
            - 2 * meanKernel(first, second, bandwidth));
  }

  private static double meanKernel(INDArray first, INDArray second, double bandwidth) {
    double gamma = 1 / (2 * bandwidth * bandwidth);
    double[] sum = new double[1];
    NearestNeighbours.distances(
        first,
        second,
        (firstQuery, rows, firstBase, columns, distances) -> {
          double block = 0;
          for (double distance : distances) {
            block += Math.exp(-gamma * distance);
          }
          sum[0] += block;
        });
    return sum[0] / ((double) first.size(0) * second.size(0));
  }
}
