package org.lcsc.search.strategy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.search.SyntheticBasin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Strategies beside each other on the synthetic basins of {@link EvolutionaryDefaultsStudy}: the
 * share of the gap between the best EMA and the best combination that is left after 100, 400 and
 * 2,000 evaluations, geometric mean over 6 basins (K = 100, P = 200).
 */
final class StrategyDefaultsStudy {

  private static final Logger LOG = LoggerFactory.getLogger(StrategyDefaultsStudy.class);

  private StrategyDefaultsStudy() {}

  /** Makes a strategy for a basin. */
  @FunctionalInterface
  interface Factory {

    SearchStrategy of(SyntheticBasin basin, double[][] gram, long seed);
  }

  /** Logs the table. */
  public static void main(String[] arguments) {
    List<SyntheticBasin> basins = EvolutionaryDefaultsStudy.basins(100, 6, 0);
    strategies()
        .forEach(
            (name, factory) -> {
              double[] left = remaining(basins, factory, 100, 400, 2000);
              LOG.info(String.format("%-40s %.3f %.3f %.3f", name, left[0], left[1], left[2]));
            });
  }

  static Map<String, Factory> strategies() {
    Map<String, Factory> table = new LinkedHashMap<>();
    table.put(
        "evolution, Algorithm 1",
        (basin, gram, seed) ->
            new EvolutionarySearch(basin.emaStarts(), new Algorithm1().parameters(), seed));
    table.put(
        "evolution, defaults",
        (basin, gram, seed) -> new EvolutionarySearch(basin.emaStarts(), seed));
    for (double sigma : new double[] {0.05, 0.2, 0.5}) {
      table.put(
          "cma-es, sigma " + sigma,
          (basin, gram, seed) ->
              cma(
                  basin,
                  SearchDirections.coefficients(100, 1),
                  CmaEs.Covariance.DIAGONAL,
                  sigma,
                  seed));
    }
    table.put(
        "cma-es, full covariance",
        (basin, gram, seed) ->
            cma(basin, SearchDirections.coefficients(100, 1), CmaEs.Covariance.FULL, 0.2, seed));
    for (int components : new int[] {10, 15, 20, 30, 40, 60}) {
      for (double whitening : new double[] {0, 0.25, 0.5, 1}) {
        components(table, components, whitening, CmaEs.Covariance.DIAGONAL, 0.2);
      }
    }
    components(table, 30, 0.5, CmaEs.Covariance.FULL, 0.2);
    components(table, 30, 0.5, CmaEs.Covariance.DIAGONAL, 0.1);
    components(table, 30, 0.5, CmaEs.Covariance.DIAGONAL, 0.4);
    return table;
  }

  private static void components(
      Map<String, Factory> table,
      int components,
      double whitening,
      CmaEs.Covariance covariance,
      double sigma) {
    table.put(
        "pca-cma-es, %d components, whitening %s, %s, sigma %s"
            .formatted(components, whitening, covariance, sigma),
        (basin, gram, seed) ->
            cma(
                basin,
                SearchDirections.principalComponents(
                    new double[][][] {gram}, components, whitening),
                covariance,
                sigma,
                seed));
  }

  private static SearchStrategy cma(
      SyntheticBasin basin,
      SearchDirections directions,
      CmaEs.Covariance covariance,
      double sigma,
      long seed) {
    return new CmaEs(
        "cma-es",
        directions,
        basin.emaStarts(),
        new CmaEs.Parameters(covariance, null, sigma, false, null, 0),
        seed);
  }

  /** The share of the gap that is left after each number of evaluations (ascending). */
  static double[] remaining(List<SyntheticBasin> basins, Factory factory, int... evaluations) {
    double[] logs = new double[evaluations.length];
    for (SyntheticBasin basin : basins) {
      double optimum = basin.optimumInSpan();
      double gap = basin.bestEma() - optimum;
      double[][] gram;
      try (CheckpointWindow window = basin.window()) {
        gram = window.centredGrams(ParameterGroups.whole(window.parameters()))[0];
      }
      double[] best =
          EvolutionaryDefaultsStudy.run(basin, factory.of(basin, gram, 100), evaluations);
      for (int i = 0; i < logs.length; i++) {
        logs[i] += Math.log((best[i] - optimum) / gap) / basins.size();
      }
    }
    for (int i = 0; i < logs.length; i++) {
      logs[i] = Math.exp(logs[i]);
    }
    return logs;
  }
}
