package org.lcsc.experiment.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Scores as entries for JSON.
 *
 * <p>Stateless and thread-safe.
 */
public final class EvaluationReport {

  private EvaluationReport() {}

  /** Scores for JSON, which has no NaN: what was not measured is null. */
  public static Map<String, Object> json(Scores scores) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("samples", scores.samples() < 0 ? null : scores.samples());
    json.put("finite", scores.finite());
    Scores.Space first = scores.spaces().get(0);
    json.put("fid", finite(first.fid()));
    if (scores.spaces().size() > 1) {
      json.put("fidSecondSpace", finite(scores.spaces().get(1).fid()));
    }
    json.put("kid", null);
    first.measured().stream()
        .filter(measured -> measured.json().containsKey("kid"))
        .forEach(measured -> json.put("kid", finite(measured.json().get("kid"))));
    List<Map<String, Object>> spaces = new ArrayList<>();
    scores.spaces().forEach(space -> spaces.add(json(space)));
    json.put("spaces", spaces);
    json.put("meansOverSpaces", finite(scores.means()));
    if (scores.inceptionScore() != null) {
      Map<String, Object> score = new LinkedHashMap<>();
      score.put("mean", scores.inceptionScore().mean());
      score.put("deviation", scores.inceptionScore().deviation());
      json.put("inceptionScore", score);
    }
    if (scores.perceptualDiversity() != null) {
      json.put("perceptualDiversity", scores.perceptualDiversity());
    }
    Map<String, Object> seconds = new LinkedHashMap<>();
    seconds.put("sampling", scores.seconds().sampling());
    seconds.put("features", scores.seconds().features());
    seconds.put("statistics", scores.seconds().statistics());
    json.put("seconds", seconds);
    return json;
  }

  private static Map<String, Object> json(Scores.Space space) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", space.name());
    json.put("extractor", space.extractor());
    json.put("fid", finite(space.fid()));
    json.put("fidInfinity", null);
    space.measured().forEach(measured -> measured.json().forEach((k, v) -> json.put(k, finite(v))));
    return json;
  }

  /** Paired differences for JSON. */
  public static List<Map<String, Object>> json(List<PairedComparison> comparisons) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (PairedComparison c : comparisons) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("metric", c.metric());
      row.put("first", c.first());
      row.put("second", c.second());
      row.put("difference", c.difference());
      row.put("low", c.difference() - c.halfWidth());
      row.put("high", c.difference() + c.halfWidth());
      rows.add(row);
    }
    return rows;
  }

  /** JSON has no NaN. */
  private static Object finite(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> finite = new LinkedHashMap<>();
      map.forEach((key, inner) -> finite.put(key, finite(inner)));
      return finite;
    }
    return value instanceof Double number && !Double.isFinite(number) ? null : value;
  }
}
