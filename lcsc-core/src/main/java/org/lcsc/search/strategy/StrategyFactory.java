package org.lcsc.search.strategy;

import org.lcsc.checkpoint.CheckpointMerger;

/** Makes the strategy of a search once its window is known. */
@FunctionalInterface
public interface StrategyFactory {

  /**
   * A new strategy.
   *
   * @param initial candidates to start from, {@code [B, G * K]}, every group's coefficients of sum
   *     1
   * @param merger the checkpoints; to be read now, not to be kept
   */
  SearchStrategy create(double[][] initial, CheckpointMerger merger);
}
