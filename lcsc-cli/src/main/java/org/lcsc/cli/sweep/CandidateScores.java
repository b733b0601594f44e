package org.lcsc.cli.sweep;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lcsc.experiment.FeatureSpaces;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunResults;
import org.lcsc.export.Recipe;

/** Names of scores, and the scores of a finished run. */
final class CandidateScores {

  /** What a search found, reported. */
  static final String LCSC = "LCSC " + FeatureSpaces.FIRST;

  /** An average over the window, reported. */
  static final String AVERAGE = "EMA " + FeatureSpaces.FIRST;

  /** Before the name of a feature space: by the study's own evaluation. */
  static final String EVALUATED_PREFIX = "evaluated ";

  /** A candidate's model by the study's own evaluation. */
  static final String EVALUATED = EVALUATED_PREFIX + FeatureSpaces.FIRST;

  private CandidateScores() {}

  /**
   * The scores of a run's last search: of every model {@code MODEL validation}, {@code MODEL FID}
   * and the other spaces; and of the search itself.
   *
   * @param root its run directory
   */
  static Map<String, Double> of(Path root) throws IOException {
    RunResults results = read(root);
    if (results.diverged()) {
      throw new IOException(root + ": the training diverged");
    }
    if (results.searches().isEmpty()) {
      throw new IOException(root + ": has no search, needed: an lcsc section with a search");
    }
    RunResults.Search search = results.searches().get(results.searches().size() - 1);
    Map<String, Double> scores = new LinkedHashMap<>();
    models(search)
        .forEach(
            (model, values) ->
                values.forEach((name, value) -> scores.put(model + " " + name, value)));
    scores.put("searchScore", search.searchScore());
    scores.put("gap", search.gap());
    scores.put("evaluations", (double) search.evaluations());
    scores.put("checkpoints", (double) search.checkpoints());
    scores.put("search seconds", search.totalSeconds());
    return scores;
  }

  /** What a run found. */
  static RunResults read(Path root) throws IOException {
    try (RunDirectory run = RunDirectory.open(root)) {
      return run.readResults();
    }
  }

  /** The scores of every model of a search, by the models' names and the scores'. */
  static Map<String, Map<String, Double>> models(RunResults.Search search) {
    Map<String, Map<String, Double>> models = new LinkedHashMap<>();
    search.reported().forEach((name, model) -> models.put(name, scores(model)));
    return models;
  }

  private static Map<String, Double> scores(Recipe.Score model) {
    Map<String, Double> scores = new LinkedHashMap<>();
    scores.put("validation", model.validationScore());
    scores.putAll(model.reportScores());
    scores.values().removeIf(score -> !Double.isFinite(score));
    return scores;
  }
}
