package org.lcsc.search.strategy;

import java.util.Arrays;
import java.util.stream.Stream;
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

  /**
   * A new strategy that also starts from what an earlier search found.
   *
   * @param averages candidates to start from, as above
   * @param earlier further ones, of which none is to be left out
   * @param merger the checkpoints; to be read now, not to be kept
   */
  default SearchStrategy create(double[][] averages, double[][] earlier, CheckpointMerger merger) {
    return create(joined(averages, earlier), merger);
  }

  /** The averages, then what an earlier search found: all candidates to start from. */
  static double[][] joined(double[][] averages, double[][] earlier) {
    return Stream.concat(Arrays.stream(averages), Arrays.stream(earlier)).toArray(double[][]::new);
  }
}
