package org.lcsc.listener;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model that a search is compared with, or the search's own.
 *
 * @param label its name, unique within a result: {@code "lcsc"}, {@code "last"}, {@code
 *     "ema-0.999"}, {@code "post-hoc-0.1"}, {@code "window-ema-0.999"}, {@code "window-power-0.1"},
 *     {@code "lawa-50"}, {@code "greedy-soup"} or {@code "uniform"}
 * @param kind how it was made
 * @param validationScore score on validation noise, smaller is better; not finite where the model
 *     is unusable
 * @param reportScores scores on report noise by name; empty where not reported
 * @param coefficients one per checkpoint of the window, sum 1; of a search with G groups of
 *     parameters one per checkpoint and group, those of the first group first; with R time ranges
 *     as many for each of them, those of the least noise first; empty where the model is no
 *     combination of the window's checkpoints
 */
public record ScoredModel(
    String label,
    Kind kind,
    double validationScore,
    Map<String, Double> reportScores,
    double[] coefficients) {

  /** How a model was made. */
  public enum Kind {
    /** The weights after the last update. */
    LAST,
    /** An exponential moving average over every update since training began. */
    EMA,
    /** An exponential moving average over the checkpoints of the window. */
    WINDOW_EMA,
    /** A power-function average over every update, of a width chosen afterwards. */
    POST_HOC_EMA,
    /** A power-function average over the checkpoints of the window. */
    WINDOW_POWER,
    /** The mean of the newest checkpoints. */
    LAWA,
    /** The mean of checkpoints chosen one by one on the search objective. */
    GREEDY_SOUP,
    /** The mean of the window's checkpoints. */
    UNIFORM,
    /** What the search returned. */
    LCSC
  }

  /** Keeps the order of the reported scores. */
  public ScoredModel {
    reportScores = Collections.unmodifiableMap(new LinkedHashMap<>(reportScores));
  }

  /** Whether the model can be ranked. */
  public boolean isFinite() {
    return Double.isFinite(validationScore);
  }

  /** Whether this is an exponential moving average, over all updates or over the window. */
  public boolean isEma() {
    return kind == Kind.EMA || kind == Kind.WINDOW_EMA;
  }

  /** A model that is not scored yet. */
  static ScoredModel unscored(String label, Kind kind, double[] coefficients) {
    return new ScoredModel(label, kind, Double.NaN, Map.of(), coefficients);
  }

  ScoredModel withValidation(double score) {
    return new ScoredModel(label, kind, score, reportScores, coefficients);
  }

  ScoredModel withReport(Map<String, Double> scores) {
    return new ScoredModel(label, kind, validationScore, scores, coefficients);
  }

  /** For ranking: a score that is not finite comes last. */
  double rank() {
    return isFinite() ? validationScore : Double.POSITIVE_INFINITY;
  }
}
