package org.lcsc.search;

import org.lcsc.io.Refuse;

/**
 * When a search stops: at the first limit that is met. Validation comes on top.
 *
 * @param evaluations the most evaluations of the search objective (the paper's "search
 *     iterations"), at least 1; one on a share of the samples counts as that share
 * @param seconds the most seconds, above 0; infinite for no limit. No evaluation starts past the
 *     limit, save the first. A search that stops by time is not reproducible.
 * @param targetScore the search stops once a candidate scores this or less; negative infinity for
 *     no target
 */
public record SearchBudget(int evaluations, double seconds, double targetScore) {

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException where a limit is out of its range
   */
  public SearchBudget {
    Refuse.argument(evaluations < 1, "evaluations must be at least 1, got %s", evaluations);
    Refuse.argument(
        !(seconds > 0), "seconds must be above 0 (infinite for no limit), got %s", seconds);
    Refuse.argument(
        Double.isNaN(targetScore) || targetScore == Double.POSITIVE_INFINITY,
        "targetScore must be a number, or negative infinity for no target, got %s",
        targetScore);
  }

  /** A number of evaluations, without a limit of time and without a target. */
  public static SearchBudget ofEvaluations(int evaluations) {
    return new SearchBudget(evaluations, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
  }
}
