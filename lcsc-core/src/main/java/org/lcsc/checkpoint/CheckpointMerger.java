package org.lcsc.checkpoint;

import org.lcsc.objective.TimeRanges;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Forms alpha . Theta, the linear combinations of the K checkpoints of a window. The parameters may
 * fall into G groups with coefficients of their own; a candidate is then {@code G * K}
 * coefficients, those of the first group first, and every group's sum to 1. So may the noise levels
 * that a sampler evaluates its network at: a candidate is then several models, one for each of the
 * {@link TimeRanges}. The checkpoints do not change while a search runs.
 */
public interface CheckpointMerger {

  /** Number of checkpoints K. */
  int size();

  /**
   * Number of groups G of parameters that have coefficients of their own; 1 by default. With R time
   * ranges those of every range count.
   */
  default int groups() {
    return 1;
  }

  /** What the groups are, to tell two searches apart; empty for a single group. */
  default String grouping() {
    return "";
  }

  /** Iterations of the checkpoints, ascending; a copy. */
  long[] iterations();

  /**
   * Checksums of the checkpoints' contents, oldest first, so that a search does not continue with
   * others; empty where they are not known.
   */
  default long[] checksums() {
    return new long[0];
  }

  /**
   * Number of parameters P of what is merged: those of one checkpoint, once for every time range.
   */
  long parameters();

  /**
   * Merges a generation of candidates. The same coefficients in an array of the same shape give the
   * same bits.
   *
   * @param coefficients one row per candidate, {@code [B, G * K]}
   * @param out receives the merged parameters, {@code [B, P]} float
   */
  void merge(double[][] coefficients, INDArray out);

  /**
   * Theta . v: the inner product of every checkpoint with a vector. Of the gradient with respect to
   * the merged parameters it is the gradient with respect to the coefficients; with groups, one
   * group's parameters with that group's coefficients.
   *
   * @param vector {@code [P]} float
   * @return {@code G * K} products
   */
  double[] dot(INDArray vector);

  /**
   * The Gram matrices of the checkpoints less their mean, one for every group, {@code [G][K][K]};
   * see {@link CheckpointWindow#centredGrams}.
   */
  double[][][] centredGrams();

  /** The merger of a recorded window. */
  static CheckpointMerger of(CheckpointWindow window) {
    return of(window, ParameterGroups.whole(window.parameters()));
  }

  /**
   * The merger of a recorded window into a model for each of several ranges of noise levels, one
   * after the other in one vector. A candidate has the coefficients of the first range first.
   *
   * @param groups with coefficients of their own within every range
   */
  static CheckpointMerger of(CheckpointWindow window, ParameterGroups groups, TimeRanges ranges) {
    CheckpointMerger single = of(window, groups);
    return ranges.size() == 1 ? single : new RangedMerger(single, ranges);
  }

  /** The merger of a recorded window with coefficients for each of several groups. */
  static CheckpointMerger of(CheckpointWindow window, ParameterGroups groups) {
    return new CheckpointMerger() {
      @Override
      public int size() {
        return window.size();
      }

      @Override
      public int groups() {
        return groups.size();
      }

      @Override
      public String grouping() {
        return groups.size() == 1 ? "" : groups.description();
      }

      @Override
      public long[] iterations() {
        return window.iterations();
      }

      @Override
      public long[] checksums() {
        return window.checksums();
      }

      @Override
      public long parameters() {
        return window.parameters();
      }

      @Override
      public void merge(double[][] coefficients, INDArray out) {
        window.merge(coefficients, groups, out);
      }

      @Override
      public double[] dot(INDArray vector) {
        return window.dot(vector, groups);
      }

      @Override
      public double[][][] centredGrams() {
        return window.centredGrams(groups);
      }
    };
  }
}
