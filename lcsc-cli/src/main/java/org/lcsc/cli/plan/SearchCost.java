package org.lcsc.cli.plan;

import org.lcsc.cli.plan.TrainingTime.Point;
import org.lcsc.config.Require;
import org.lcsc.objective.StageSeconds;

/**
 * What a search costs (Appendix B.2 of the paper).
 *
 * @param evaluation seconds of one evaluation (Table 5)
 * @param overlapped whether merging and statistics run while others are sampled, so that only the
 *     longer of both counts
 * @param evaluations of one search, at least 1
 */
public record SearchCost(StageSeconds evaluation, boolean overlapped, int evaluations) {

  public SearchCost {
    Require.atLeast("evaluations", evaluations, 1);
  }

  /** Seconds from one evaluation to the next. */
  public double evaluationSeconds() {
    double sampled = evaluation.sampling() + evaluation.features();
    double rest = evaluation.merging() + evaluation.statistics();
    return overlapped ? Math.max(sampled, rest) : sampled + rest;
  }

  /** Hours of one search (Table 6). */
  public double hours() {
    return evaluationSeconds() * evaluations / 3600;
  }

  /**
   * How many times faster the target is reached by training to a point and searching once there,
   * than by the standard training (Tables 7 and 8).
   *
   * @param standard the training that reaches the target without a search
   * @param reached where the search reaches it
   */
  public double speedUp(TrainingTime standard, Point reached) {
    return standard.hours() / (standard.hours(reached) + hours());
  }
}
