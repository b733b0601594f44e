package org.lcsc.listener;

import java.util.Locale;

/**
 * Whether the combination that a search found is better than the best baseline by more than the
 * noise: both are scored on the same further noise sets, and the mean of the differences is held
 * against its standard error (a paired t-test).
 *
 * @param baseline label of the best baseline on validation
 * @param difference mean of combination less baseline; negative where the combination is better
 * @param standardError of that mean
 * @param noiseSets how many noise sets, at least 2
 */
public record NoiseVerdict(
    String baseline, double difference, double standardError, int noiseSets) {

  /** One-sided 95 % quantiles of Student's t for 1, 2, ... degrees of freedom. */
  private static final double[] QUANTILES = {
    6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833
  };

  private static final double NORMAL_QUANTILE = 1.645;

  /** From the differences on each noise set, at least 2. */
  static NoiseVerdict of(String baseline, double[] differences) {
    int n = differences.length;
    double mean = 0;
    for (double difference : differences) {
      mean += difference / n;
    }
    double squares = 0;
    for (double difference : differences) {
      squares += (difference - mean) * (difference - mean);
    }
    return new NoiseVerdict(baseline, mean, Math.sqrt(squares / (n - 1) / n), n);
  }

  /** Whether the combination is better at the 95 % level; false where a score is not finite. */
  public boolean better() {
    int freedom = noiseSets - 1;
    double quantile = freedom <= QUANTILES.length ? QUANTILES[freedom - 1] : NORMAL_QUANTILE;
    return difference + quantile * standardError < 0;
  }

  /** The verdict in one sentence. */
  public String text() {
    String numbers =
        String.format(
            Locale.ROOT,
            "%+.3f with a standard error of %.3f over %d noise sets",
            difference,
            standardError,
            noiseSets);
    return better()
        ? "the search beats the best baseline, " + baseline + ": " + numbers
        : "the search does not beat the best baseline, "
            + baseline
            + ", by more than the noise: "
            + numbers;
  }
}
