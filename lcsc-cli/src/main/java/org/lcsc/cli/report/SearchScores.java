package org.lcsc.cli.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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
record SearchScores(List<ScoredModel> models, List<String> spaces, boolean maximised) {

  /** In place of a change. */
  static final String NO_CHANGE = "–";

  /** Those of a finished search. */
  static SearchScores of(Recipe recipe) {
    List<ScoredModel> models = new ArrayList<>();
    Set<String> spaces = new LinkedHashSet<>(recipe.reportScores().keySet());
    for (Recipe.Score score : recipe.baselines()) {
      models.add(ScoredModel.of(score));
      spaces.addAll(score.reportScores().keySet());
    }
    models.add(
        new ScoredModel(
            ScoredModel.Kind.LCSC,
            0,
            recipe.validationScore(),
            recipe.reportScores(),
            recipe.coefficients()));
    return new SearchScores(
        List.copyOf(models),
        List.copyOf(spaces),
        Boolean.TRUE.equals(recipe.provenance().get(Recipe.MAXIMISED)));
  }

  ScoredModel lcsc() {
    return models.get(models.size() - 1);
  }

  /** The first model of a kind, or null. */
  ScoredModel find(ScoredModel.Kind kind) {
    return models.stream().filter(m -> m.kind() == kind).findFirst().orElse(null);
  }

  /** EMA*; null where there is none. */
  ScoredModel emaStar() {
    return ScoredModel.emaStar(models).orElse(null);
  }

  /** What is emitted. */
  ScoredModel best() {
    return ScoredModel.best(lcsc(), models);
  }

  /** The models with reported scores; all where nothing is reported. */
  List<ScoredModel> reported() {
    return spaces.isEmpty()
        ? models
        : models.stream().filter(m -> !m.reportScores().isEmpty()).toList();
  }

  /**
   * The score that is spoken of: on report noise in the space of the search where there is one,
   * else on validation noise.
   */
  double headline(ScoredModel model) {
    if (model == null) {
      return Double.NaN;
    }
    return spaces.isEmpty()
        ? shown(model.validationScore())
        : model.reportScores().getOrDefault(spaces.get(0), Double.NaN);
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

  /** How far the combination is from EMA*, in words; a dash where no share of EMA* says that. */
  String change() {
    double share = Math.abs(1 - ofLcsc() / ofEmaStar());
    if (!Double.isFinite(share) || !Double.isFinite(ofEmaStar())) {
      return NO_CHANGE;
    }
    return Text.format("%.0f %% %s", 100 * share, ofLcsc() < ofEmaStar() ? "less" : "more");
  }

  /** What {@link #headline} is. */
  String headlineName() {
    return spaces.isEmpty() ? "validation score" : spaces.get(0);
  }
}
