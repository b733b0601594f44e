package org.lcsc.cli.sweep;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Json;

/**
 * A candidate that is done.
 *
 * @param id of its values and all else that decides its scores
 * @param labels one per axis
 * @param score the study's; NaN where there is none
 * @param seconds it took
 * @param scores all, by name
 * @param failure why there are none, or null
 */
record CandidateResult(
    String id,
    List<String> labels,
    double score,
    double seconds,
    Map<String, Double> scores,
    String failure) {

  CandidateResult {
    labels = List.copyOf(labels);
    scores = new LinkedHashMap<>(scores);
  }

  /** Writes it as JSON, whole or not at all. */
  void write(Path file) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode json = mapper.createObjectNode();
    json.put("id", id);
    json.set("values", mapper.valueToTree(labels));
    json.put("score", score);
    json.put("seconds", seconds);
    json.set("scores", mapper.valueToTree(scores));
    json.put("failure", failure);
    AtomicFiles.writeString(
        file, mapper.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
  }

  /**
   * Reads it.
   *
   * @throws IOException where the file is damaged
   */
  static CandidateResult read(Path file) throws IOException {
    try {
      JsonNode json = Json.read(file);
      List<String> labels = new ArrayList<>();
      json.get("values").forEach(value -> labels.add(value.asText()));
      Map<String, Double> scores = new LinkedHashMap<>();
      json.get("scores").properties().forEach(f -> scores.put(f.getKey(), number(f.getValue())));
      JsonNode failure = json.get("failure");
      return new CandidateResult(
          json.get("id").asText(),
          labels,
          number(json.get("score")),
          number(json.get("seconds")),
          scores,
          failure == null || failure.isNull() ? null : failure.asText());
    } catch (RuntimeException e) {
      throw new IOException(file + ": not a candidate's result, delete it to run it again", e);
    }
  }

  /** JSON has no NaN of its own; it is written as a text. */
  private static double number(JsonNode node) {
    return Double.parseDouble(node.asText());
  }
}
