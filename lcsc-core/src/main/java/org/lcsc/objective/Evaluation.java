package org.lcsc.objective;

/**
 * The outcome of one evaluation.
 *
 * @param score the score, smaller is better; NaN or infinite where the model is unusable
 * @param seconds where the time went
 */
public record Evaluation(double score, StageSeconds seconds) {

  /** Whether the score can be ranked. */
  public boolean isFinite() {
    return Double.isFinite(score);
  }
}
