package org.lcsc.experiment.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.export.NullForNaN;
import org.lcsc.export.Recipe;
import org.lcsc.export.RecordFile;
import org.lcsc.export.Versions;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.NoiseVerdict;
import org.lcsc.listener.ScoredModel;
import org.lcsc.objective.StageSeconds;
import org.lcsc.objective.TimeRanges;

/**
 * What a finished run found: its {@code results.json}.
 *
 * @param iterations updates applied at the end
 * @param stopped why the training ended before all iterations; null where it did not
 * @param diverged whether a parameter was not finite
 * @param searches in order
 * @param versions what made it
 */
public record RunResults(
    long iterations, String stopped, boolean diverged, List<Search> searches, Versions versions) {

  /**
   * A search.
   *
   * @param iteration of the training
   * @param best label of the best model on validation noise
   * @param emaStar label of the best EMA
   * @param bestBaseline label of the best baseline
   * @param timeRangeBoundaries noise levels between the ranges that have models of their own; empty
   *     with one range
   * @param overBestBaseline the combination against the best baseline on fresh noise; null where
   *     they were not compared
   * @param evaluations of the search objective
   * @param nonFinite how many scores were not finite; on a part of the samples a score costs less
   *     than an evaluation, with a gradient more
   * @param gradients how many of them gave a gradient too
   * @param checkpoints of the window
   * @param searchScore of the combination on search noise
   * @param gap validation score less search score
   * @param seconds of the evaluations
   * @param totalSeconds wall clock, with validation, baselines and report
   * @param lcsc the combination
   * @param baselines what it was compared with
   */
  public record Search(
      long iteration,
      String best,
      String emaStar,
      String bestBaseline,
      List<Double> timeRangeBoundaries,
      NoiseVerdict overBestBaseline,
      int evaluations,
      int nonFinite,
      int gradients,
      int checkpoints,
      @NullForNaN double searchScore,
      @NullForNaN double gap,
      StageSeconds seconds,
      double totalSeconds,
      Recipe.Score lcsc,
      List<Recipe.Score> baselines) {

    /**
     * A search that has ended.
     *
     * @param ranges of noise levels that the combination has models for
     */
    public static Search of(LcscResult result, TimeRanges ranges) {
      return new Search(
          result.iteration(),
          result.best().label(),
          result.emaStar().label(),
          result.bestBaseline().label(),
          ranges.boundaries(),
          result.verdict(),
          result.evaluations(),
          result.nonFinite(),
          result.search().gradients(),
          result.checkpoints().length,
          result.searchScore(),
          result.search().gap(),
          result.search().searchSeconds(),
          result.totalSeconds(),
          result.lcsc().score(),
          result.baselines().stream().map(ScoredModel::score).toList());
    }

    /** The models that were reported, and EMA* and LCSC under these names. */
    public Map<String, Recipe.Score> reported() {
      Map<String, Recipe.Score> reported = new LinkedHashMap<>();
      for (Recipe.Score baseline : baselines) {
        // One over the window is reported as EMA*.
        if (!baseline.reportScores().isEmpty()
            && ScoredModel.of(baseline).kind() != ScoredModel.Kind.WINDOW_EMA) {
          reported.put(baseline.model(), baseline);
        }
      }
      reported.put("EMA*", baseline(emaStar));
      reported.put("LCSC", lcsc);
      return reported;
    }

    /** The score of a baseline; null where there is no such. */
    public Recipe.Score baseline(String label) {
      return baselines.stream().filter(b -> b.model().equals(label)).findFirst().orElse(null);
    }
  }

  /** Writes them, whole or not at all. */
  void write(Path file) throws IOException {
    RecordFile.write(file, this);
  }

  /**
   * Reads them.
   *
   * @throws IOException where the file is missing, damaged, or no results
   */
  static RunResults read(Path file) throws IOException {
    return RecordFile.read(file, RunResults.class, "results of a run", true);
  }
}
