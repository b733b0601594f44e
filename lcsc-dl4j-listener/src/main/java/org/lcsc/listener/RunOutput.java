package org.lcsc.listener;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGrouping;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.export.ModelExporter;
import org.lcsc.export.Recipe;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.SearchResult;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes models and recipes into a run directory.
 *
 * @param directory the run directory
 * @param settings what every recipe says
 * @param batchNorm applied to the averages as they are written
 */
record RunOutput(Path directory, Settings settings, BatchNormUpdate batchNorm) {

  /**
   * What every recipe says.
   *
   * @param grouping of the parameters that get coefficients of their own
   * @param seed of the search
   * @param validation name of the objective that decides
   * @param provenance entries of the run
   */
  record Settings(
      ParameterGrouping grouping, long seed, String validation, Map<String, Object> provenance) {}

  /** The search log of an iteration. */
  Path searchLog(long iteration) {
    return search(iteration).resolve("search.csv");
  }

  private Path search(long iteration) {
    return directory.resolve("lcsc").resolve(String.valueOf(iteration));
  }

  /**
   * Writes what a search gave.
   *
   * @param merged parameters of the combination
   * @param best parameters of the result's best model where it is the best so far, or null
   */
  void write(
      LcscResult result,
      Model model,
      INDArray merged,
      INDArray best,
      List<ExponentialMovingAverage> averages)
      throws IOException {
    long n = result.iteration();
    ParameterGroups groups = settings.grouping().of(model);
    // A recipe is written after its model: where there is one, the model is whole.
    ModelExporter.write(search(n).resolve("model.zip"), model, merged, n);
    recipe(result, result.lcsc(), merged, groups).write(search(n).resolve("recipe.json"));
    if (best != null) {
      Path lcsc = directory.resolve("lcsc");
      ModelExporter.write(lcsc.resolve("best.zip"), model, best, n);
      recipe(result, result.best(), best, groups).write(lcsc.resolve("best.json"));
    }
    writeAverages(model, n, averages);
  }

  /** Writes every average as it is after n updates. */
  void writeAverages(Model model, long n, List<ExponentialMovingAverage> averages)
      throws IOException {
    for (ExponentialMovingAverage average : averages) {
      Path file = directory.resolve("ema").resolve(EmaGrid.text(average.rate()) + ".zip");
      ModelExporter.write(file, model, batchNorm.applied(average.parameters()), n);
    }
  }

  /** Writes the checkpoints of a window as {@code iteration-N.zip}. */
  static void writeCheckpoints(Model model, CheckpointWindow window, Path directory)
      throws IOException {
    long[] iterations = window.iterations();
    for (int k = 0; k < iterations.length; k++) {
      Path file = directory.resolve("iteration-" + iterations[k] + ".zip");
      ModelExporter.write(file, model, window.checkpoint(k), iterations[k]);
    }
  }

  private Recipe recipe(
      LcscResult result, ScoredModel model, INDArray parameters, ParameterGroups groups) {
    boolean grouped = model.coefficients().length > result.checkpoints().length;
    SearchResult search = result.search();
    StageSeconds seconds = search.searchSeconds();
    Map<String, Double> stages = new LinkedHashMap<>();
    stages.put("merging", seconds.merging());
    stages.put("sampling", seconds.sampling());
    stages.put("features", seconds.features());
    stages.put("statistics", seconds.statistics());
    return new Recipe(
        model.label(),
        result.iteration(),
        result.checkpoints(),
        grouped ? new double[0] : model.coefficients(),
        grouped ? Recipe.groups(groups, model.coefficients()) : List.of(),
        new Recipe.Search(
            search.strategy(),
            search.objective(),
            settings.validation(),
            settings.seed(),
            search.evaluations(),
            search.nonFinite(),
            search.stopReason().name(),
            search.searchScore(),
            stages,
            result.totalSeconds()),
        model.validationScore(),
        model.reportScores(),
        Stream.concat(result.baselines().stream(), Stream.of(result.lcsc()))
            .filter(other -> !other.label().equals(model.label()))
            .map(o -> new Recipe.Score(o.label(), o.validationScore(), o.reportScores()))
            .toList(),
        parameters.length(),
        Recipe.sha256(parameters),
        Recipe.Versions.current(),
        settings.provenance());
  }
}
