package org.lcsc.listener;

import java.util.function.DoubleUnaryOperator;
import org.lcsc.io.Text;
import org.lcsc.metrics.PairedDifferences;

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

  /** From the differences on each noise set, at least 2. */
  static NoiseVerdict of(String baseline, double[] differences) {
    PairedDifferences paired = PairedDifferences.of(differences);
    return new NoiseVerdict(baseline, paired.mean(), paired.standardError(), paired.count());
  }

  /** Whether the combination is better at the 95 % level; false where a score is not finite. */
  public boolean better() {
    double quantile = new PairedDifferences(noiseSets, difference, standardError).quantile(0.95);
    return difference + quantile * standardError < 0;
  }

  /** The verdict in one sentence. */
  public String text() {
    return text(score -> score);
  }

  /**
   * The same.
   *
   * @param units makes a score a number of the measure's own units
   */
  public String text(DoubleUnaryOperator units) {
    double shown = units.applyAsDouble(difference);
    String numbers =
        Text.format(
            "%s%s with a standard error of %s over %d noise sets",
            shown < 0 ? "" : "+", Text.score(shown), Text.score(standardError), noiseSets);
    return better()
        ? "the search beats the best baseline, " + baseline + ": " + numbers
        : Text.format(
            "the search does not beat the best baseline, %s, by more than the noise: %s",
            baseline, numbers);
  }
}
