package org.lcsc.search;

import java.util.Comparator;
import java.util.List;
import org.lcsc.io.Text;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.strategy.ScoredCoefficients;

/**
 * What a search found.
 *
 * @param strategy name of the strategy
 * @param objective name of the search objective
 * @param validation name of what decided; null where nothing did
 * @param stopReason why the search ended
 * @param best the best on validation among finalists and baselines; without a validation objective,
 *     or where no validation score is finite, the best on the search objective
 * @param candidates the finalists, best on the search objective first, then the baselines that are
 *     no finalists
 * @param iterations iterations of the K checkpoints that the coefficients belong to
 * @param evaluations evaluations of the search objective; those on a share of the samples count as
 *     that share, and their sum is rounded up
 * @param gradients how many of the evaluations gave a gradient; each counts as what it costs
 * @param nonFinite how many scores were not finite, of one for each entry of the history
 * @param searchSeconds stages of the search, summed (the paper's Table 5)
 * @param validationSeconds stages of the validation, summed
 * @param totalSeconds wall clock of search and validation, over all resumed parts
 * @param history best score so far after each evaluation; infinite while there is none
 */
public record SearchResult(
    String strategy,
    String objective,
    String validation,
    StopReason stopReason,
    ScoredCoefficients best,
    List<ScoredCoefficients> candidates,
    long[] iterations,
    int evaluations,
    int gradients,
    int nonFinite,
    StageSeconds searchSeconds,
    StageSeconds validationSeconds,
    double totalSeconds,
    double[] history) {

  /** In one line, without the coefficients. */
  @Override
  public String toString() {
    return Text.format(
        "%s of %s over %s checkpoints, %s evaluations, ended by %s: best %s",
        strategy, objective, iterations.length, evaluations, stopReason, best);
  }

  /** What to merge with: K reals that sum to 1, with G groups those of one after the other. */
  public double[] coefficients() {
    return best.coefficients();
  }

  /** Score of the best candidate on the search objective; NaN where never evaluated. */
  public double searchScore() {
    return best.searchScore();
  }

  /** Score of the best candidate on the validation objective; NaN where there is none. */
  public double validationScore() {
    return best.validationScore();
  }

  /**
   * By how much the search over-fitted its noise: how much worse the best on validation of what it
   * evaluated scores there than on the noise of the search. NaN without validation, and where it
   * decides by something else than the search minimises.
   */
  public double gap() {
    if (!objective.equals(validation)) {
      return Double.NaN;
    }
    return candidates.stream()
        .filter(c -> Double.isFinite(c.searchScore()) && Double.isFinite(c.validationScore()))
        .min(Comparator.comparingDouble(ScoredCoefficients::validationScore))
        .map(c -> c.validationScore() - c.searchScore())
        .orElse(Double.NaN);
  }

  /** Whether any candidate had a finite score; otherwise the coefficients are of no use. */
  public boolean isUsable() {
    return Double.isFinite(best.searchScore()) || Double.isFinite(best.validationScore());
  }
}
