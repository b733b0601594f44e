package org.lcsc.listener;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.export.ModelExporter;
import org.lcsc.export.Recipe;
import org.lcsc.export.RecipeFiles;
import org.lcsc.export.Versions;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.ModelWriter;
import org.lcsc.io.Refuse;
import org.lcsc.io.Sha256;
import org.lcsc.model.CheckpointDirectory;
import org.lcsc.objective.TimeRanges;
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
   * @param ranges of the noise levels that do
   * @param seed of the search
   * @param validation name of the objective that decides
   * @param provenance entries of the run
   */
  record Settings(
      TimeRanges ranges, long seed, String validation, Map<String, Object> provenance) {}

  /** The search log of an iteration. */
  Path searchLog(long iteration) {
    return search(iteration).resolve("search.csv");
  }

  private Path search(long iteration) {
    return directory.resolve("lcsc").resolve(String.valueOf(iteration));
  }

  /**
   * Refuses to write where the directory was taken away: that would be half a run.
   *
   * @throws IOException if it is gone
   */
  void requirePresent() throws IOException {
    Refuse.file(!Files.isDirectory(directory), "%s: the run directory is gone", directory);
  }

  /**
   * Writes what a search gave.
   *
   * @param writer writes the models
   * @param merged parameters of the combination
   * @param best parameters of the result's best model where it is the best so far, or null
   */
  void write(
      LcscResult result,
      ModelWriter writer,
      ModelComparison.Training training,
      INDArray merged,
      INDArray best)
      throws IOException {
    requirePresent();
    long n = result.iteration();
    ParameterGroups groups = training.groups();
    RecipeFiles.write(
        search(n).resolve("recipe.json"),
        recipe(result, result.lcsc(), merged, groups),
        writer,
        merged);
    if (best != null) {
      RecipeFiles.write(
          directory.resolve("lcsc").resolve("best.json"),
          recipe(result, result.best(), best, groups),
          writer,
          best);
    }
    writeAverages(writer, n, training.averages());
  }

  /** Writes a baseline with its recipe, under its label. */
  void writeBaseline(
      LcscResult result,
      ScoredModel baseline,
      ModelWriter writer,
      ModelComparison.Training training,
      INDArray parameters)
      throws IOException {
    RecipeFiles.write(
        search(result.iteration()).resolve(baseline.label() + ".json"),
        recipe(result, baseline, parameters, training.groups()),
        writer,
        parameters);
  }

  /** Writes every average as it is after n updates. */
  void writeAverages(ModelWriter writer, long n, List<ExponentialMovingAverage> averages)
      throws IOException {
    for (ExponentialMovingAverage average : averages) {
      Path file = directory.resolve("ema").resolve(EmaGrid.text(average.rate()) + writer.suffix());
      INDArray parameters = batchNorm.applied(average.parameters());
      AtomicFiles.writeFile(file, whole -> writer.write(whole, parameters, n));
    }
  }

  /** Writes the checkpoints of a window as {@code iteration-N.zip}. */
  static void writeCheckpoints(Model model, CheckpointWindow window, Path directory)
      throws IOException {
    long[] iterations = window.iterations();
    for (int k = 0; k < iterations.length; k++) {
      Path file = CheckpointDirectory.file(directory, iterations[k]);
      try (INDArray checkpoint = window.checkpoint(k)) {
        ModelExporter.write(file, model, checkpoint, iterations[k]);
      }
    }
  }

  private Recipe recipe(
      LcscResult result, ScoredModel model, INDArray parameters, ParameterGroups groups) {
    boolean ranged = parameters.length() > groups.parameters();
    boolean grouped = !ranged && model.coefficients().length > result.checkpoints().length;
    SearchResult search = result.search();
    Map<String, Object> provenance = new LinkedHashMap<>(settings.provenance());
    if (result.screenedOut() > 0) {
      provenance.put(Recipe.SCREENED_OUT, result.screenedOut());
    }
    return new Recipe(
        model.label(),
        result.iteration(),
        result.checkpoints(),
        grouped || ranged ? new double[0] : model.coefficients(),
        grouped ? Recipe.groups(groups, model.coefficients()) : List.of(),
        ranged
            ? Recipe.ranges(settings.ranges(), groups, model.coefficients(), parameters)
            : List.of(),
        new Recipe.Search(
            search.strategy(),
            search.objective(),
            settings.validation(),
            settings.seed(),
            search.evaluations(),
            search.nonFinite(),
            search.stopReason().name(),
            result.refused(),
            result.searchScore(),
            search.searchSeconds(),
            result.totalSeconds()),
        model.validationScore(),
        model.reportScores(),
        Stream.concat(result.baselines().stream(), Stream.of(result.lcsc()))
            .filter(other -> !other.label().equals(model.label()))
            .map(ScoredModel::score)
            .toList(),
        groups.parameters(),
        Sha256.of(parameters),
        Versions.current(),
        provenance);
  }
}
