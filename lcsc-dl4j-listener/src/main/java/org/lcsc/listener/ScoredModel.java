package org.lcsc.listener;

import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.lcsc.export.Recipe;
import org.lcsc.search.strategy.Leaders;

/**
 * A model that a search is compared with, or the search's own.
 *
 * @param kind how it was made
 * @param parameter what tells it from others of its kind, see {@link Kind}; 0 where there is one
 *     only
 * @param validationScore score on validation noise, smaller is better; not finite where the model
 *     is unusable
 * @param reportScores scores on report noise by name; empty where not reported
 * @param coefficients one per checkpoint of the window, sum 1; of a search with G groups of
 *     parameters one per checkpoint and group, those of the first group first; with R time ranges
 *     as many for each of them, those of the least noise first; empty where the model is no
 *     combination of the window's checkpoints
 */
public record ScoredModel(
    Kind kind,
    double parameter,
    double validationScore,
    Map<String, Double> reportScores,
    double[] coefficients) {

  /** How a model was made. */
  public enum Kind {
    /** The weights after the last update. */
    LAST("last"),
    /** An exponential moving average over every update since training began; by its rate. */
    EMA("ema-"),
    /** An exponential moving average over the checkpoints of the window; by its rate. */
    WINDOW_EMA("window-ema-"),
    /** A power-function average over every update, chosen afterwards; by its relative width. */
    POST_HOC_EMA("post-hoc-"),
    /** A power-function average over the checkpoints of the window; by its relative width. */
    WINDOW_POWER("window-power-"),
    /** The mean of the newest checkpoints; by their number. */
    LAWA("lawa-"),
    /** The mean of checkpoints chosen one by one on the search objective. */
    GREEDY_SOUP("greedy-soup"),
    /** The mean of the window's checkpoints. */
    UNIFORM("uniform"),
    /** What the search returned. */
    LCSC("lcsc");

    private final String name;

    Kind(String name) {
      this.name = name;
    }

    private String label(double parameter) {
      return name.endsWith("-") ? name + EmaGrid.text(parameter) : name;
    }
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

  /**
   * Its name, unique within a result: {@code "lcsc"}, {@code "last"}, {@code "ema-0.999"}, {@code
   * "post-hoc-0.1"}, {@code "window-ema-0.999"}, {@code "window-power-0.1"}, {@code "lawa-50"},
   * {@code "greedy-soup"} or {@code "uniform"}.
   */
  public String label() {
    return kind.label(parameter);
  }

  /** Its name and scores, without the coefficients. */
  @Override
  public String toString() {
    return label() + " " + validationScore + (reportScores.isEmpty() ? "" : " " + reportScores);
  }

  /** The same for files. */
  public Recipe.Score score() {
    return new Recipe.Score(label(), kind.name(), parameter, validationScore, reportScores);
  }

  /** What {@link #score} has written; without the coefficients. */
  public static ScoredModel of(Recipe.Score score) {
    return new ScoredModel(
        Kind.valueOf(score.kind()),
        score.parameter(),
        score.validationScore(),
        score.reportScores(),
        new double[0]);
  }

  /** EMA*: the best EMA on validation noise, the first of equals; empty where there is none. */
  public static Optional<ScoredModel> emaStar(List<ScoredModel> models) {
    return models.stream()
        .filter(ScoredModel::isEma)
        .min(Comparator.comparingDouble(ScoredModel::rank));
  }

  /**
   * The model to use: the best on validation noise of a combination and all baselines, the
   * combination where they tie.
   */
  public static ScoredModel best(ScoredModel combination, List<ScoredModel> baselines) {
    return best(Stream.concat(Stream.of(combination), baselines.stream()).toList());
  }

  /** The best on validation noise, the first of equals. */
  static ScoredModel best(List<ScoredModel> models) {
    return models.stream().min(Comparator.comparingDouble(ScoredModel::rank)).orElseThrow();
  }

  /** A model that is not scored yet. */
  static ScoredModel unscored(Kind kind, double parameter, double[] coefficients) {
    return new ScoredModel(kind, parameter, Double.NaN, Map.of(), coefficients);
  }

  /** A model of a kind that there is one of, not scored yet. */
  static ScoredModel unscored(Kind kind, double[] coefficients) {
    return unscored(kind, 0, coefficients);
  }

  ScoredModel withValidation(double score) {
    return new ScoredModel(kind, parameter, score, reportScores, coefficients);
  }

  ScoredModel withReport(Map<String, Double> scores) {
    return new ScoredModel(kind, parameter, validationScore, scores, coefficients);
  }

  /** For ranking: a score that is not finite comes last. */
  public double rank() {
    return Leaders.ranked(validationScore);
  }
}
