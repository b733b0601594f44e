package org.lcsc.cli.sweep;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lcsc.experiment.FeatureSpaces;
import org.lcsc.io.Json;

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
   * @param results its results.json
   */
  static Map<String, Double> of(Path results) throws IOException {
    JsonNode run = Json.read(results);
    if (run.path("diverged").asBoolean()) {
      throw new IOException(results + ": the training diverged");
    }
    JsonNode searches = run.path("searches");
    if (searches.isEmpty()) {
      throw new IOException(results + ": has no search, needed: an lcsc section with a search");
    }
    JsonNode search = searches.get(searches.size() - 1);
    Map<String, Double> scores = new LinkedHashMap<>();
    models(search)
        .forEach(
            (model, values) ->
                values.forEach((name, value) -> scores.put(model + " " + name, value)));
    for (String name : new String[] {"searchScore", "gap", "evaluations", "checkpoints"}) {
      scores.put(name, search.get(name).asDouble());
    }
    scores.put("search seconds", search.get("seconds").get("total").asDouble());
    return scores;
  }

  /**
   * The scores of every model of a search, by the models' names and the scores'.
   *
   * @param search one of the searches of a results.json
   */
  static Map<String, Map<String, Double>> models(JsonNode search) {
    Map<String, Map<String, Double>> models = new LinkedHashMap<>();
    for (JsonNode model : search.get("models")) {
      // EMA* (ema-0.999) is EMA* of every candidate.
      String name = model.get("model").asText().replaceFirst(" \\(.*", "");
      Map<String, Double> scores = new LinkedHashMap<>();
      model
          .properties()
          .forEach(
              field -> {
                if (field.getValue().isNumber()) {
                  scores.put(field.getKey(), field.getValue().asDouble());
                }
              });
      models.put(name, scores);
    }
    return models;
  }
}
