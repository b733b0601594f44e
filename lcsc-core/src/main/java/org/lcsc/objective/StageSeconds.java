package org.lcsc.objective;

import java.util.List;

/**
 * Seconds per stage of an evaluation or of a whole search (Table 5 of the paper).
 *
 * @param merging forming alpha . Theta
 * @param sampling running the model
 * @param features running the feature extractor
 * @param statistics mean, covariance and the distance itself
 */
public record StageSeconds(double merging, double sampling, double features, double statistics) {

  /** No time at all. */
  public static final StageSeconds ZERO = new StageSeconds(0, 0, 0, 0);

  /** The stages' names, in the order of the components. */
  public static final List<String> NAMES = List.of("merging", "sampling", "features", "statistics");

  /** From {@link #toArray}. */
  public static StageSeconds of(double... seconds) {
    return new StageSeconds(seconds[0], seconds[1], seconds[2], seconds[3]);
  }

  /** The seconds, in the order of {@link #NAMES}. */
  public double[] toArray() {
    return new double[] {merging, sampling, features, statistics};
  }

  /** Component-wise sum. */
  public StageSeconds plus(StageSeconds other) {
    return new StageSeconds(
        merging + other.merging,
        sampling + other.sampling,
        features + other.features,
        statistics + other.statistics);
  }

  /** Sum of the stages. */
  public double total() {
    return merging + sampling + features + statistics;
  }
}
