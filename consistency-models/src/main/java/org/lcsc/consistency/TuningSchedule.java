package org.lcsc.consistency;

import org.lcsc.config.Require;

/**
 * The pairs of easy consistency tuning (Geng et al. 2024, arXiv:2406.14548, section 3.2): to a
 * noise level t belongs the smaller level
 *
 * <pre>
 * r = t max(0, 1 - n(t) / q^a),   n(t) = 1 + k / (1 + e^(b t)),
 * </pre>
 *
 * where a counts the stages of the training from 1. So the tuning begins, with r = 0 at all but
 * high noise, nearly as the diffusion model's own training, and closes the gap stage by stage.
 *
 * @param q what the gap is divided by from stage to stage, above 1
 * @param k how much wider the gap is at low noise levels, at least 0
 * @param b how fast that ends as t grows, at least 0
 * @param stages of equal length, at least 1; q to their power is at most 2^20
 */
record TuningSchedule(double q, double k, double b, int stages) {

  /** The levels of a pair are float32. */
  private static final double LEAST_GAP = 1.0 / (1 << 20);

  TuningSchedule {
    Require.positive("q", q);
    Require.not(!(q > 1), "q", "too small (%s), allowed: more than 1", q);
    Require.notNegative("k", k);
    Require.notNegative("b", b);
    Require.atLeast("stages", stages, 1);
    Require.not(
        Math.pow(q, -stages) < LEAST_GAP,
        "stages",
        "too many for q (%s, q %s), allowed: q to the power of stages up to 2^20",
        stages,
        q);
  }

  /**
   * r, the smaller level of a pair.
   *
   * @param t the larger level, above 0
   * @param iteration updates applied, at least 0
   * @param iterations length of the tuning, at least 1
   * @return at least 0 and below t
   */
  double smaller(double t, int iteration, int iterations) {
    int stage = 1 + (int) Math.min((long) iteration * stages / iterations, stages - 1);
    double n = 1 + k / (1 + Math.exp(b * t));
    return t * Math.max(0, 1 - n / Math.pow(q, stage));
  }
}
