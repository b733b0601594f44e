package org.lcsc.search;

/**
 * A finalist or a baseline.
 *
 * @param label the baseline's name, or "evaluation N" for a finalist
 * @param evaluation index of its evaluation in the search, -1 for a baseline the search never
 *     proposed
 * @param searchScore score on the search objective, NaN where never evaluated
 * @param validationScore score on the validation objective, NaN where there is none
 * @param coefficients K coefficients that sum to 1
 */
public record ScoredCoefficients(
    String label,
    int evaluation,
    double searchScore,
    double validationScore,
    double[] coefficients) {

  ScoredCoefficients withValidationScore(double score) {
    return new ScoredCoefficients(label, evaluation, searchScore, score, coefficients);
  }
}
