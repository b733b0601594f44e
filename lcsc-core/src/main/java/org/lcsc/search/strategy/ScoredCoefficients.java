package org.lcsc.search.strategy;

import org.lcsc.checkpoint.Coefficients;
import org.lcsc.io.Text;

/**
 * A finalist, a baseline, or one drawn from a finalist towards a baseline.
 *
 * @param label the baseline's name, or for a finalist "evaluation N", for one drawn from it
 *     "evaluation N, S of the way from BASELINE"
 * @param evaluation index of its evaluation in the search, -1 where the search never proposed it
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

  /** In one line, without the coefficients. */
  @Override
  public String toString() {
    return Text.format("%s, search %s, validation %s", label, searchScore, validationScore);
  }

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

  private static final String EVALUATION = "evaluation ";

  /** A candidate that the search evaluated and that is no baseline. */
  public static ScoredCoefficients evaluated(int index, double score, double[] coefficients) {
    return new ScoredCoefficients(EVALUATION + index, index, score, Double.NaN, coefficients);
  }

  /**
   * For ranking: the validation score, infinite where it is not finite or the search found the
   * combination unusable.
   */
  public double rank() {
    boolean unusable = evaluation >= 0 && !Double.isFinite(searchScore);
    return unusable ? Double.POSITIVE_INFINITY : Leaders.ranked(validationScore);
  }

  /** Whether it is a baseline, proposed by the search or not. */
  public boolean isBaseline() {
    return !label.startsWith(EVALUATION);
  }

  /**
   * Not scored yet: a point between a baseline and this.
   *
   * @param share of the way from the baseline to this
   */
  public ScoredCoefficients shrunken(double share, ScoredCoefficients baseline) {
    double[] between = new double[coefficients.length];
    for (int k = 0; k < between.length; k++) {
      double from = baseline.coefficients[k];
      between[k] = from + share * (coefficients[k] - from);
    }
    return new ScoredCoefficients(
        label + ", " + share + " of the way from " + baseline.label,
        -1,
        Double.NaN,
        Double.NaN,
        between);
  }

  public ScoredCoefficients withValidationScore(double score) {
    return new ScoredCoefficients(label, evaluation, searchScore, score, coefficients);
  }
}
