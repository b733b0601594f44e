package org.lcsc.metrics;

import org.lcsc.io.HostArrays;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Inception Score (Salimans et al., 2016): {@code exp(mean KL(p(y|x) || p(y)))} of class
 * probabilities, per split, with mean and deviation over the splits.
 *
 * <p>Accumulates in double precision; stored are the sums of each split, not the probabilities. A
 * split is a run of consecutive images: split s of S holds images {@code s N / S} to {@code (s+1) N
 * / S}. Only scores of the same classifier, N and S compare. Not thread-safe.
 */
public final class InceptionScore {

  /** Splits, where none are named. */
  public static final int DEFAULT_SPLITS = 10;

  /** How far a row's sum may be from 1: float32 softmax over a thousand classes. */
  private static final double SUM_TOLERANCE = 1e-3;

  private final int classes;
  private final int splits;
  private final long total;
  private final double[][] sums;
  private final double[] negativeEntropies;
  private final long[] counts;
  private long seen;

  /**
   * A score.
   *
   * @param mean mean over the splits, from 1 to the number of classes
   * @param deviation standard deviation over the splits, divisor their number
   */
  public record Estimate(double mean, double deviation) {}

  /**
   * Prepares the score of a known number of images.
   *
   * @param classes number of classes, at least 2
   * @param total number of images N, at least {@code splits}
   * @param splits number of splits S, at least 1; 10 is usual at 50,000 images
   */
  public InceptionScore(int classes, long total, int splits) {
    Refuse.argument(classes < 2, "classes must be at least 2, got %s", classes);
    Refuse.argument(
        splits < 1 || total < splits,
        "splits must be from 1 to the number of images, got %s splits of %s images",
        splits,
        total);
    this.classes = classes;
    this.total = total;
    this.splits = splits;
    this.sums = new double[splits][classes];
    this.negativeEntropies = new double[splits];
    this.counts = new long[splits];
  }

  /**
   * Adds images.
   *
   * @param probabilities {@code [n, classes]}
   * @throws IllegalArgumentException where the shape is another, a row is no distribution, or there
   *     are more rows than announced
   */
  public void add(INDArray probabilities) {
    Rows.require("Probabilities", probabilities, classes);
    float[] values = HostArrays.floats(probabilities);
    for (int first = 0; first < values.length; first += classes) {
      addRow(values, first);
    }
  }

  private void addRow(float[] values, int first) {
    Refuse.argument(seen == total, "more than the announced %s images were added", total);
    int split = Math.toIntExact(((seen + 1) * splits - 1) / total);
    double sum = 0;
    double negativeEntropy = 0;
    for (int c = 0; c < classes; c++) {
      double p = values[first + c];
      // Also refuses NaN.
      if (!(p >= 0)) {
        throw new IllegalArgumentException(
            "image " + seen + " has probability " + p + " of class " + c + ", must be 0 or more");
      }
      sum += p;
      negativeEntropy += p == 0 ? 0 : p * Math.log(p);
    }
    if (!(Math.abs(sum - 1) < SUM_TOLERANCE)) {
      throw new IllegalArgumentException(
          "probabilities of image " + seen + " sum to " + sum + ", must sum to 1 (softmax)");
    }
    for (int c = 0; c < classes; c++) {
      sums[split][c] += values[first + c];
    }
    negativeEntropies[split] += negativeEntropy;
    counts[split]++;
    seen++;
  }

  /**
   * The score.
   *
   * @throws IllegalStateException where fewer images were added than announced
   */
  public Estimate estimate() {
    Refuse.state(seen < total, "announced %s images, got %s", total, seen);
    double mean = 0;
    double[] scores = new double[splits];
    for (int s = 0; s < splits; s++) {
      double divergence = negativeEntropies[s] / counts[s];
      for (double classSum : sums[s]) {
        double p = classSum / counts[s];
        divergence -= p == 0 ? 0 : p * Math.log(p);
      }
      scores[s] = Math.exp(divergence);
      mean += scores[s] / splits;
    }
    double variance = 0;
    for (double score : scores) {
      variance += (score - mean) * (score - mean) / splits;
    }
    return new Estimate(mean, Math.sqrt(variance));
  }
}
