package org.lcsc.search.strategy;

import org.lcsc.checkpoint.Coefficients;
import org.lcsc.io.Text;

/**
 * A finalist or a baseline.
 *
 * @param label the baseline's name, or "evaluation N" for a finalist
 * @param evaluation index of its evaluation in the search, -1 for a baseline the search never
 *     proposed
 * @param searchScore score on the search objective, NaN where never evaluated
 * @param validationScore score on the validation objective, NaN where there is none
 * @param coefficients K coefficients that sum to 1, with G groups G times as many
 */
public record ScoredCoefficients(
    String label,
    int evaluation,
    double searchScore,
    double validationScore,
    double[] coefficients) {

  /** A baseline that is not scored yet, normalised, the same for every group. */
  public static ScoredCoefficients baseline(
      String label, double[] coefficients, int checkpoints, int groups) {
    if (coefficients.length != checkpoints) {
      throw new IllegalArgumentException(
          Text.format(
              "baseline %s has %s coefficients, the window holds %s checkpoints",
              label, coefficients.length, checkpoints));
    }
    return new ScoredCoefficients(
        label,
        -1,
        Double.NaN,
        Double.NaN,
        Coefficients.repeated(Coefficients.normalised(coefficients), groups));
  }

  /** Whether it is a baseline, proposed by the search or not. */
  public boolean isBaseline() {
    return !label.equals("evaluation " + evaluation);
  }

  public ScoredCoefficients withValidationScore(double score) {
    return new ScoredCoefficients(label, evaluation, searchScore, score, coefficients);
  }
}
