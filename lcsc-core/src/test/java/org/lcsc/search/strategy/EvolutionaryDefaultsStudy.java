package org.lcsc.search.strategy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.config.Parts;
import org.lcsc.search.SyntheticBasin;
import org.lcsc.search.strategy.EvolutionarySearch.Parameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The measurement behind {@link Parameters#DEFAULTS}: how much of the way from the best EMA to the
 * best combination is left after a number of evaluations. 6 synthetic basins (K = 100, P = 200,
 * half of them with ripples, half far from converged) times 2 seeds; the geometric mean of
 *
 * <p>(score - optimum in span) / (best EMA - optimum in span).
 */
final class EvolutionaryDefaultsStudy {

  private static final Logger LOG = LoggerFactory.getLogger(EvolutionaryDefaultsStudy.class);

  private EvolutionaryDefaultsStudy() {}

  /** Logs the table at K = 100, and the rows that matter most at other K: about half a minute. */
  public static void main(String[] arguments) {
    configurations().keySet().forEach(name -> log(100, basins(100, 6, 0), name, 2));
    for (int checkpoints : new int[] {25, 400}) {
      for (String name : List.of("defaults", "M_CP 10", "sigma 0.05", "sigma 0.5", "divide")) {
        log(checkpoints, basins(checkpoints, 4, 50), name, 1);
      }
    }
  }

  private static void log(int checkpoints, List<SyntheticBasin> basins, String name, int seeds) {
    double[] left = remaining(basins, configurations().get(name), seeds, 400, 2000);
    LOG.info(String.format("K %d, %-28s %.3f %.3f", checkpoints, name, left[0], left[1]));
  }

  static Map<String, Parameters> configurations() {
    Parameters defaults = Parameters.DEFAULTS;
    Map<String, Parameters> table = new LinkedHashMap<>();
    table.put("defaults", defaults);
    table.put("M_CP 2", Parts.with(defaults, Map.of("parents", 2, "childrenPerGeneration", 16)));
    table.put("M_CP 10", Parts.with(defaults, Map.of("parents", 10, "childrenPerGeneration", 16)));
    table.put("M_CP 20", Parts.with(defaults, Map.of("parents", 20, "childrenPerGeneration", 16)));
    table.put("M_CP 40", Parts.with(defaults, Map.of("parents", 40, "childrenPerGeneration", 16)));
    table.put("4 children", Parts.with(defaults, Map.of("parents", 4, "childrenPerGeneration", 4)));
    table.put("8 children", Parts.with(defaults, Map.of("parents", 4, "childrenPerGeneration", 8)));
    table.put(
        "32 children", Parts.with(defaults, Map.of("parents", 4, "childrenPerGeneration", 32)));
    table.put("sigma 0.05", Parts.with(defaults, Map.of("sigma", 0.05)));
    table.put("sigma 0.1", Parts.with(defaults, Map.of("sigma", 0.1)));
    table.put("sigma 0.5", Parts.with(defaults, Map.of("sigma", 0.5)));
    table.put("sigma 1", Parts.with(defaults, Map.of("sigma", 1.0)));
    table.put("divide", Parts.with(defaults, Map.of("normalisation", Normalisation.DIVIDE)));
    table.put("convex", Parts.with(defaults, Map.of("normalisation", Normalisation.CONVEX)));
    table.put("fixed sigma 0.03", Parts.with(defaults, Map.of("sigma", 0.03, "adaptation", 0.0)));
    table.put("fixed sigma 0.1", Parts.with(defaults, Map.of("sigma", 0.1, "adaptation", 0.0)));
    table.put("fixed sigma 0.3", Parts.with(defaults, Map.of("sigma", 0.3, "adaptation", 0.0)));
    table.put("fixed sigma 1", Parts.with(defaults, Map.of("sigma", 1.0, "adaptation", 0.0)));
    table.put("ALGORITHM_1", new Algorithm1().parameters());
    table.put("mix only", crossover(1, 0, 1));
    table.put("exchange only", crossover(0, 1, 1));
    table.put("no crossover", crossover(0, 0, 1));
    table.put("mutation probability 0.25", crossover(0.5, 0.25, 0.25));
    table.put("mutation probability 0.05", crossover(0.5, 0.25, 0.05));
    return table;
  }

  private static Parameters crossover(double mix, double exchange, double mutation) {
    Parameters d = Parameters.DEFAULTS;
    return new Parameters(
        d.parents(),
        d.childrenPerGeneration(),
        mix,
        exchange,
        mutation,
        d.sigma(),
        d.successTarget(),
        d.adaptation(),
        d.normalisation(),
        d.minimumSum(),
        null,
        0);
  }

  static List<SyntheticBasin> basins(int checkpoints, int count, long firstSeed) {
    List<SyntheticBasin> basins = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double ripples = i % 2 == 0 ? 0 : 0.02;
      double distance = i < count / 2 ? 1 : 3;
      basins.add(
          new SyntheticBasin(firstSeed + i, checkpoints, 2 * checkpoints, ripples, distance));
    }
    return basins;
  }

  /** The share of the gap that is left after each number of evaluations (ascending). */
  static double[] remaining(
      List<SyntheticBasin> basins, Parameters parameters, int seeds, int... evaluations) {
    double[] logs = new double[evaluations.length];
    for (SyntheticBasin basin : basins) {
      double optimum = basin.optimumInSpan();
      double gap = basin.bestEma() - optimum;
      for (int seed = 0; seed < seeds; seed++) {
        double[] best = run(basin, parameters, 100 + seed, evaluations);
        for (int i = 0; i < logs.length; i++) {
          logs[i] += Math.log((best[i] - optimum) / gap);
        }
      }
    }
    for (int i = 0; i < logs.length; i++) {
      logs[i] = Math.exp(logs[i] / (basins.size() * seeds));
    }
    return logs;
  }

  private static double[] run(
      SyntheticBasin basin, Parameters parameters, long seed, int[] evaluations) {
    return run(basin, new EvolutionarySearch(basin.emaStarts(), parameters, seed), evaluations);
  }

  static double[] run(SyntheticBasin basin, SearchStrategy search, int[] evaluations) {
    double[] bests = new double[evaluations.length];
    double best = Double.POSITIVE_INFINITY;
    int count = 0;
    for (int mark = 0; mark < evaluations.length; ) {
      double[][] generation = search.ask();
      double[] scores = new double[generation.length];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = basin.scoreOf(generation[i]);
        best = Math.min(best, scores[i]);
        count++;
        if (mark < evaluations.length && count == evaluations[mark]) {
          bests[mark++] = best;
        }
      }
      search.tell(scores);
    }
    return bests;
  }
}
