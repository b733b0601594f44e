package org.lcsc.metrics;

import java.util.Arrays;

/**
 * Whether samples lie nearer to training images than real images do that were held out: a sign that
 * a model repeats what it was trained on. Both FID and precision reward such a model.
 *
 * <p>Compared are the distances to the nearest training image, by medians, by the share of samples
 * that are nearer than 99 % of the held-out images are, and by the rank statistic of Meehan,
 * Chaudhuri and Dasgupta (2020, "A Non-Parametric Test to Detect Data-Copying in Generative
 * Models", section 3, over the whole space).
 *
 * @param sampleMedian median distance of the samples
 * @param heldOutMedian median distance of the held-out images
 * @param closeShare share of the samples that are nearer than the nearest 1 % of the held-out
 *     images; about 0.01 where nothing is copied
 * @param zScore of the Mann-Whitney statistic, standard normal where samples are distributed as
 *     held-out images: below -3 samples are significantly nearer to the training images (copying),
 *     above 3 significantly farther (underfitting)
 */
public record MemorisationCheck(
    double sampleMedian, double heldOutMedian, double closeShare, double zScore) {

  private static final double CLOSE = 0.01;

  /**
   * Compares distances.
   *
   * @param samples squared distance of each sample to its nearest training image
   * @param heldOut squared distance of each held-out image to its nearest training image
   */
  public static MemorisationCheck ofSquaredDistances(double[] samples, double[] heldOut) {
    if (samples.length < 1 || heldOut.length < 1) {
      throw new IllegalArgumentException(
          "both sets need at least 1 distance, got " + samples.length + " and " + heldOut.length);
    }
    double[] x = samples.clone();
    double[] y = heldOut.clone();
    Arrays.sort(x);
    Arrays.sort(y);
    double border = y[(int) Math.floor(CLOSE * (y.length - 1))];
    long close = Arrays.stream(x).filter(distance -> distance < border).count();
    return new MemorisationCheck(
        Math.sqrt(median(x)), Math.sqrt(median(y)), (double) close / x.length, mannWhitney(x, y));
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle]);
  }

  /** Normal approximation of the number of pairs with x above y; a tie counts one half. */
  private static double mannWhitney(double[] x, double[] y) {
    double pairs = 0;
    int below = 0;
    int notAbove = 0;
    for (double value : x) {
      while (below < y.length && y[below] < value) {
        below++;
      }
      while (notAbove < y.length && y[notAbove] <= value) {
        notAbove++;
      }
      pairs += 0.5 * (below + notAbove);
    }
    double n = x.length;
    double m = y.length;
    return (pairs - n * m / 2) / Math.sqrt(n * m * (n + m + 1) / 12);
  }
}
