package org.lcsc.metrics;

import org.apache.commons.math3.distribution.TDistribution;
import org.lcsc.io.Refuse;

/**
 * Differences between two models' scores on the same noise, whose mean is held against its standard
 * error (Student's paired t-test): what both owe to the noise they share cancels.
 *
 * @param count how many differences, at least 2
 * @param mean of the differences
 * @param standardError of that mean
 */
public record PairedDifferences(int count, double mean, double standardError) {

  /** From the differences, at least 2. */
  public static PairedDifferences of(double... differences) {
    int n = differences.length;
    Refuse.argument(n < 2, "a paired test needs at least 2 differences, got %s", n);
    double mean = 0;
    for (double difference : differences) {
      mean += difference / n;
    }
    double squares = 0;
    for (double difference : differences) {
      squares += (difference - mean) * (difference - mean);
    }
    return new PairedDifferences(n, mean, Math.sqrt(squares / (n - 1) / n));
  }

  /** Student's t below which the mean of no difference stays with a probability. */
  public double quantile(double probability) {
    return new TDistribution(count - 1).inverseCumulativeProbability(probability);
  }
}
