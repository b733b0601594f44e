package org.lcsc.cli.sweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.experiment.FeatureSpaces;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunResults;
import org.lcsc.export.NullForNaN;
import org.lcsc.export.RecordFile;
import org.lcsc.export.Versions;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * A candidate that is done: {@code candidate.json}. A study that names its axes or its score
 * otherwise than the one that made it takes it by {@link #under}.
 *
 * @param id of all that decides its scores
 * @param labels its values, one per axis
 * @param score the study's; NaN where there is none
 * @param seconds it took
 * @param scores all, by name
 * @param curve of its search; empty without one
 * @param failure why there are none, or null
 * @param versions what made it
 */
record CandidateResult(
    String id,
    List<String> labels,
    @NullForNaN double score,
    double seconds,
    @NullForNaN.Values Map<String, Double> scores,
    List<Mark> curve,
    String failure,
    Versions versions) {

  /** What a search found, reported. */
  static final String LCSC = "LCSC " + FeatureSpaces.FIRST;

  /** An average over the window, reported. */
  static final String AVERAGE = "EMA " + FeatureSpaces.FIRST;

  /** Before the name of a feature space: by the study's own evaluation. */
  static final String EVALUATED_PREFIX = "evaluated ";

  /** A candidate's model by the study's own evaluation. */
  static final String EVALUATED = EVALUATED_PREFIX + FeatureSpaces.FIRST;

  /**
   * Where a search stood.
   *
   * @param evaluations it had spent, on all samples each
   * @param seconds they took
   * @param search the best score so far on search noise
   * @param fresh the scores of the same coefficients on the report's noise, by feature space
   */
  record Mark(
      int evaluations,
      double seconds,
      double search,
      @NullForNaN.Values Map<String, Double> fresh) {}

  /** Writes it as JSON, whole or not at all. */
  void write(Path file) throws IOException {
    RecordFile.write(file, this);
  }

  /**
   * Reads it.
   *
   * @return null where there is no such file
   * @throws IOException where the file is damaged
   */
  static CandidateResult read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      return RecordFile.read(file, CandidateResult.class, "candidate's result", true);
    } catch (IOException e) {
      throw new IOException(file + ": not a candidate's result, delete it to run it again", e);
    }
  }

  /**
   * As a candidate of a study.
   *
   * @param labels its values, one per axis
   * @param score the study's; where it has no such score it failed
   */
  CandidateResult under(List<String> labels, String score) {
    boolean has = scores.containsKey(score);
    return new CandidateResult(
        id,
        labels,
        has ? scores.get(score) : Double.NaN,
        seconds,
        scores,
        curve,
        failed() || has
            ? failure
            : Text.format("score: no such score (%s), allowed: %s", score, scores.keySet()),
        versions);
  }

  boolean failed() {
    return failure != null;
  }

  /** The run directory within the directory of a candidate. */
  static Path run(Path candidate) {
    return candidate.resolve("run");
  }

  /**
   * The searches of a run.
   *
   * @param root its run directory
   * @throws IOException where it has none, or the training diverged
   */
  static List<Search> searches(Path root) throws IOException {
    RunResults results;
    try (RunDirectory run = RunDirectory.open(root)) {
      results = run.readResults();
    }
    Refuse.file(results.diverged(), "%s: the training diverged", root);
    if (results.searches().isEmpty()) {
      throw new IOException(root + ": has no search, needed: an lcsc section with a search");
    }
    return results.searches().stream().map(Search::of).toList();
  }

  /**
   * A search of a run.
   *
   * @param found what it found
   * @param models the scores of every model; NaN where one is not finite
   */
  record Search(RunResults.Search found, Map<String, Map<String, Double>> models) {

    private static Search of(RunResults.Search found) {
      Map<String, Map<String, Double>> models = new LinkedHashMap<>();
      found
          .reported()
          .forEach(
              (name, model) -> {
                Map<String, Double> scores = new LinkedHashMap<>();
                scores.put("validation", model.validationScore());
                scores.putAll(FeatureSpaces.byPlace(model.reportScores()));
                scores.replaceAll((score, value) -> Double.isFinite(value) ? value : Double.NaN);
                models.put(name, scores);
              });
      return new Search(found, models);
    }

    /** A model's score; NaN where there is none. */
    double score(String model, String score) {
      return models.getOrDefault(model, Map.of()).getOrDefault(score, Double.NaN);
    }

    /** All of them: every model's as {@code MODEL SCORE}, and the numbers. */
    Map<String, Double> scores() {
      Map<String, Double> scores = new LinkedHashMap<>();
      models.forEach(
          (model, values) ->
              values.forEach((name, value) -> scores.put(model + " " + name, value)));
      scores.put("searchScore", found.searchScore());
      scores.put("gap", found.gap());
      scores.put("evaluations", (double) found.evaluations());
      scores.put("checkpoints", (double) found.checkpoints());
      scores.put("search seconds", found.totalSeconds());
      return scores;
    }
  }
}
