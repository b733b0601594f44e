package org.lcsc.search;

import java.util.function.DoubleUnaryOperator;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.objective.StageSeconds;

/**
 * One evaluation of a search: a row of the log.
 *
 * @param index 0 for the first evaluation of the search
 * @param generation 0 for the first generation
 * @param score score on the search objective; non-finite where the model is unusable
 * @param best the best score on all samples so far, this one included; infinite while there is none
 * @param cost what the search has spent so far, this one included, in evaluations on all samples
 * @param gradients how many evaluations so far gave a gradient, this one included
 * @param seconds where the time went, the candidate's share of the merging included
 * @param fingerprint {@link Coefficients#fingerprint} of the coefficients
 * @param coefficients K coefficients; empty where read back from a log and the best score is that
 *     of an earlier evaluation
 */
public record SearchEvaluation(
    int index,
    int generation,
    double score,
    double best,
    double cost,
    int gradients,
    StageSeconds seconds,
    long fingerprint,
    double[] coefficients) {

  /**
   * The same with other scores.
   *
   * @param units makes a score another number, for example one of a measure's own units
   */
  public SearchEvaluation in(DoubleUnaryOperator units) {
    return new SearchEvaluation(
        index,
        generation,
        units.applyAsDouble(score),
        units.applyAsDouble(best),
        cost,
        gradients,
        seconds,
        fingerprint,
        coefficients);
  }
}
