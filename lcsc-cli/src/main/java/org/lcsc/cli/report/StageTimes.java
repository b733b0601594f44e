package org.lcsc.cli.report;

import org.lcsc.export.Recipe;

/**
 * Seconds of a search by stage, in the order of the paper's Table 5.
 *
 * @param sampling denoising ("U-Net")
 * @param features of the samples ("Inception")
 * @param merging of checkpoints
 * @param statistics and distance ("FID")
 * @param total wall clock, with validation, baselines and report
 */
record StageTimes(
    double sampling, double features, double merging, double statistics, double total) {

  static StageTimes of(Recipe recipe) {
    Recipe.Search search = recipe.search();
    return new StageTimes(
        search.secondsPerStage().getOrDefault("sampling", 0.0),
        search.secondsPerStage().getOrDefault("features", 0.0),
        search.secondsPerStage().getOrDefault("merging", 0.0),
        search.secondsPerStage().getOrDefault("statistics", 0.0),
        search.totalSeconds());
  }

  /** What is in none of the four stages. */
  double rest() {
    return Math.max(0, total - sampling - features - merging - statistics);
  }
}
