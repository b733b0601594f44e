package org.lcsc.metrics;

import java.util.Arrays;
import java.util.Random;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * FID extrapolated to infinitely many samples (Chong and Forsyth, 2020, "Effectively Unbiased FID
 * and Inception Score", algorithm 1). FID of N samples exceeds its limit by an amount proportional
 * to 1/N; so FID is computed of random subsets of several sizes, a straight line is fitted over
 * 1/N, and its intercept is the estimate, which does not depend on N.
 *
 * @param value the intercept; may be slightly negative
 * @param slope of FID over 1/N
 */
public record FidInfinity(double value, double slope) {

  /** The paper's number of sizes. */
  public static final int POINTS = 15;

  /** The paper's smallest size. */
  public static final int SMALLEST = 5_000;

  /**
   * The smallest size for sets that are not much larger than the paper's 5,000: half of the set.
   */
  public static int smallestFor(int samples) {
    return Math.max(2, Math.min(SMALLEST, samples / 2));
  }

  /**
   * Extrapolates.
   *
   * @param reference the real images
   * @param features {@code [N, D]} of the samples, finite
   * @param points number of sizes, evenly spread from {@code smallest} to N, at least 2
   * @param smallest smallest size, at least 2 and below N
   * @param seed chooses the subsets, each without replacement
   * @throws IllegalArgumentException where numbers do not fit
   */
  public static FidInfinity of(
      FrechetDistance.Reference reference, INDArray features, int points, int smallest, long seed) {
    Rows.require("Features", features, reference.dimension());
    int total = Math.toIntExact(features.size(0));
    Refuse.argument(points < 2, "points must be at least 2, got %s", points);
    Refuse.argument(
        smallest < 2 || smallest >= total,
        "smallest must be at least 2 and below the number of samples, got %s of %s samples",
        smallest,
        total);
    int dimension = reference.dimension();
    float[] rows = HostArrays.floats(features);
    Random random = new Random(seed);
    double[] inverse = new double[points];
    double[] distances = new double[points];
    for (int i = 0; i < points; i++) {
      int size = (int) (smallest + (long) (total - smallest) * i / (points - 1));
      FrechetDistance.Accumulator subset = reference.accumulator(size);
      subset.add(Rows.draw(rows, new float[size * dimension], dimension, random));
      inverse[i] = 1.0 / size;
      distances[i] = subset.distance();
    }
    return fit(inverse, distances);
  }

  /** Least squares line. */
  private static FidInfinity fit(double[] x, double[] y) {
    double meanX = Arrays.stream(x).average().orElseThrow();
    double meanY = Arrays.stream(y).average().orElseThrow();
    double covariance = 0;
    double variance = 0;
    for (int i = 0; i < x.length; i++) {
      covariance += (x[i] - meanX) * (y[i] - meanY);
      variance += (x[i] - meanX) * (x[i] - meanX);
    }
    double slope = covariance / variance;
    return new FidInfinity(meanY - slope * meanX, slope);
  }
}
