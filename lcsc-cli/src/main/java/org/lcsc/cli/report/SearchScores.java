package org.lcsc.cli.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lcsc.export.Recipe;
import org.lcsc.io.Text;
import org.lcsc.listener.ScoredModel;

/**
 * The models of one search with their scores, from the recipe of its combination.
 *
 * @param models all baselines in the recipe's order, the combination last
 * @param spaces names of the reported scores, that of the search first; empty where none is
 *     reported
 * @param maximised whether the measure is to be maximised, else minimised
 */
record SearchScores(List<Model> models, List<String> spaces, boolean maximised) {

  /**
   * A model.
   *
   * @param label as in recipes
   * @param kind how it was made
   * @param parameter of that kind
   * @param validation score on validation noise, smaller is better
   * @param reported scores on report noise by name; may be empty
   */
  record Model(
      String label,
      ScoredModel.Kind kind,
      double parameter,
      double validation,
      Map<String, Double> reported) {

    /** For ranking: a score that is not finite comes last. */
    double rank() {
      return Double.isFinite(validation) ? validation : Double.POSITIVE_INFINITY;
    }

    boolean isLcsc() {
      return kind == ScoredModel.Kind.LCSC;
    }

    /** Whether it is an exponential moving average, over all updates or over the window. */
    boolean isEma() {
      return kind == ScoredModel.Kind.EMA || kind == ScoredModel.Kind.WINDOW_EMA;
    }
  }

  /** Those of a finished search. */
  static SearchScores of(Recipe recipe) {
    List<Model> models = new ArrayList<>();
    Set<String> spaces = new LinkedHashSet<>(recipe.reportScores().keySet());
    for (Recipe.Score score : recipe.baselines()) {
      models.add(
          new Model(
              score.model(),
              ScoredModel.Kind.valueOf(score.kind()),
              score.parameter(),
              score.validationScore(),
              score.reportScores()));
      spaces.addAll(score.reportScores().keySet());
    }
    models.add(
        new Model(
            recipe.model(),
            ScoredModel.Kind.LCSC,
            0,
            recipe.validationScore(),
            recipe.reportScores()));
    return new SearchScores(
        List.copyOf(models),
        List.copyOf(spaces),
        Boolean.TRUE.equals(recipe.provenance().get(Recipe.MAXIMISED)));
  }

  Model lcsc() {
    return models.stream().filter(Model::isLcsc).findFirst().orElseThrow();
  }

  /** The first model of a kind, or null. */
  Model find(ScoredModel.Kind kind) {
    return models.stream().filter(m -> m.kind() == kind).findFirst().orElse(null);
  }

  /** EMA*: the best EMA on validation noise; null where there is none. */
  Model emaStar() {
    return models.stream()
        .filter(Model::isEma)
        .min(Comparator.comparingDouble(Model::rank))
        .orElse(null);
  }

  /** What is emitted: the best on validation noise, the combination where they tie. */
  Model best() {
    Model best = lcsc();
    for (Model model : models) {
      if (model.rank() < best.rank()) {
        best = model;
      }
    }
    return best;
  }

  /** The models with reported scores; all where nothing is reported. */
  List<Model> reported() {
    return spaces.isEmpty()
        ? models
        : models.stream().filter(m -> !m.reported().isEmpty()).toList();
  }

  /**
   * The score that is spoken of: on report noise in the space of the search where there is one,
   * else on validation noise.
   */
  double headline(Model model) {
    if (model == null) {
      return Double.NaN;
    }
    return spaces.isEmpty()
        ? shown(model.validation())
        : model.reported().getOrDefault(spaces.get(0), Double.NaN);
  }

  /** The {@link #headline} of the combination. */
  double ofLcsc() {
    return headline(lcsc());
  }

  /** The {@link #headline} of EMA*. */
  double ofEmaStar() {
    return headline(emaStar());
  }

  /** A score that is minimised, in the measure's own units. */
  double shown(double score) {
    return maximised ? -score : score;
  }

  /** Whether one {@link #headline} is better than another. */
  boolean isBetter(double one, double other) {
    return maximised ? one > other : one < other;
  }

  /** Whether the combination is better than EMA*. */
  boolean improves() {
    return isBetter(ofLcsc(), ofEmaStar());
  }

  /** How far the combination is from EMA*, in words. */
  String change() {
    double share = Math.abs(1 - ofLcsc() / ofEmaStar());
    return Text.format("%.0f %% %s", 100 * share, ofLcsc() < ofEmaStar() ? "less" : "more");
  }

  /** What {@link #headline} is. */
  String headlineName() {
    return spaces.isEmpty() ? "validation score" : spaces.get(0);
  }
}
