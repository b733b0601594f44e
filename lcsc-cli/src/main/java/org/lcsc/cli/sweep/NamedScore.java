package org.lcsc.cli.sweep;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.deeplearning4j.arbiter.optimize.api.data.DataProvider;
import org.deeplearning4j.arbiter.optimize.api.data.DataSource;
import org.deeplearning4j.arbiter.optimize.api.score.ScoreFunction;

/**
 * Arbiter's score function of a study: one of a candidate's scores, smaller is better.
 *
 * @param name of the score
 */
@SuppressWarnings("deprecation") // Arbiter's own signatures
record NamedScore(String name) implements ScoreFunction {

  private static final long serialVersionUID = 1;

  @Override
  public double score(Object scores, DataProvider data, Map<String, Object> parameters) {
    return of(scores);
  }

  @Override
  public double score(Object scores, Class<? extends DataSource> data, Properties properties) {
    return of(scores);
  }

  private double of(Object scores) {
    Object score = ((Map<?, ?>) scores).get(name);
    if (!(score instanceof Double value)) {
      throw new IllegalArgumentException(
          "score: no such score (" + name + "), allowed: " + ((Map<?, ?>) scores).keySet());
    }
    return value;
  }

  @Override
  public boolean minimize() {
    return true;
  }

  @Override
  public List<Class<?>> getSupportedModelTypes() {
    return List.of(Map.class);
  }

  @Override
  public List<Class<?>> getSupportedDataTypes() {
    return List.of(Object.class);
  }
}
