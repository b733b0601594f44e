package org.lcsc.listener;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.lcsc.io.Text;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.SearchResult;
import org.lcsc.search.strategy.ScoredCoefficients;

/**
 * What the search at one iteration gave, beside its baselines. Validation scores are all on the
 * same noise, and so are reported scores.
 *
 * @param iteration updates applied when the search ran
 * @param search the search: coefficients, checkpoints, evaluations, seconds per stage (the paper's
 *     Table 5)
 * @param lcsc the combination the search returned; the best on validation of its finalists and of
 *     the window's averages
 * @param baselines the last weights, every EMA, the post-hoc EMAs, and over the window the EMA
 *     grid, power-function averages, the latest checkpoints, the greedy soup and the uniform
 *     average
 * @param screenedOut averages over the window that are not among the baselines: on a part of the
 *     validation samples they were far from the best of their kind, see {@link
 *     org.lcsc.search.Screening}
 * @param refused what the search found better than EMA* and a {@link org.lcsc.objective.Safeguard}
 *     refused, best first, with the reasons
 * @param baselineSeconds stages of scoring those baselines that are no combinations of the window
 * @param diverged whether the training had parameters that are not finite by then
 * @param maximised whether the measure is one to be maximised, such as an accuracy: validation
 *     scores are its negatives then
 * @param totalSeconds wall clock, reports included
 * @param verdict whether the combination beats the best baseline by more than the noise; null where
 *     no noise sets were given for it
 */
public record LcscResult(
    long iteration,
    SearchResult search,
    ScoredModel lcsc,
    List<ScoredModel> baselines,
    int screenedOut,
    List<String> refused,
    StageSeconds baselineSeconds,
    boolean diverged,
    boolean maximised,
    double totalSeconds,
    NoiseVerdict verdict) {

  /** Keeps the baselines as they are. */
  public LcscResult {
    baselines = List.copyOf(baselines);
    refused = List.copyOf(refused);
  }

  /** The combination's coefficients: one per checkpoint, sum 1; see {@link ScoredModel}. */
  public double[] coefficients() {
    return lcsc.coefficients();
  }

  /** Iterations of the K checkpoints, ascending. */
  public long[] checkpoints() {
    return search.iterations();
  }

  /** The combination's score on search noise; NaN where the search never evaluated it. */
  public double searchScore() {
    return search.candidates().stream()
        .filter(candidate -> Arrays.equals(candidate.coefficients(), lcsc.coefficients()))
        .mapToDouble(ScoredCoefficients::searchScore)
        .findFirst()
        .orElse(Double.NaN);
  }

  /** The combination's score on validation noise. */
  public double validationScore() {
    return lcsc.validationScore();
  }

  /** The combination's scores on report noise by name; empty without a {@link Reporter}. */
  public Map<String, Double> reportScores() {
    return lcsc.reportScores();
  }

  /** Evaluations of the search objective. */
  public int evaluations() {
    return search.evaluations();
  }

  /** How many scores were not finite, see {@link SearchResult#nonFinite}. */
  public int nonFinite() {
    return search.nonFinite();
  }

  /** EMA*: the best on validation of all EMAs, over all updates and over the window. */
  public ScoredModel emaStar() {
    return ScoredModel.emaStar(baselines).orElseThrow();
  }

  /** One line: the iteration, and the models with their scores, the best one first. */
  @Override
  public String toString() {
    return Text.format(
        "LCSC at iteration %s, %s checkpoints, %s evaluations: best %s; %s; baselines %s",
        iteration, checkpoints().length, evaluations(), best().label(), lcsc, baselines);
  }

  /** The best baseline on validation, the first of equals. */
  public ScoredModel bestBaseline() {
    return ScoredModel.best(baselines);
  }

  /** The baselines with reported scores; all of them where nothing is reported. */
  public List<ScoredModel> reportedBaselines() {
    return reportScores().isEmpty()
        ? baselines
        : baselines.stream().filter(b -> !b.reportScores().isEmpty()).toList();
  }

  /** The baseline of that label, or null. */
  public ScoredModel baseline(String label) {
    return baselines.stream().filter(b -> b.label().equals(label)).findFirst().orElse(null);
  }

  /**
   * The model to use: the best on validation of the combination and all baselines, the combination
   * where they tie. So it never loses to EMA* on validation noise.
   */
  public ScoredModel best() {
    return ScoredModel.best(lcsc, baselines);
  }
}
