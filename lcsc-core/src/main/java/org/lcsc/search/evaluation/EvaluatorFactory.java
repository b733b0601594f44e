package org.lcsc.search.evaluation;

import java.util.function.LongSupplier;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.objective.Objective;

/** Makes the evaluator of a search. Thread-safe if its implementation says so. */
@FunctionalInterface
public interface EvaluatorFactory {

  /** One candidate after the other, on the thread of the search. */
  EvaluatorFactory LOCAL = LocalEvaluator.factory(1);

  /**
   * What an evaluator scores with.
   *
   * @param merger the checkpoints
   * @param objective scores on search noise
   * @param validation scores on validation noise, or null where nothing is validated
   * @param mergeRows most candidates merged at once; scores depend on it in their last bits
   * @param nanoTime the clock in nanoseconds
   */
  record Setting(
      CheckpointMerger merger,
      Objective objective,
      Objective validation,
      int mergeRows,
      LongSupplier nanoTime) {

    /** Scores with the system's clock. */
    public Setting(
        CheckpointMerger merger, Objective objective, Objective validation, int mergeRows) {
      this(merger, objective, validation, mergeRows, System::nanoTime);
    }
  }

  /**
   * A new evaluator, closed by the search when its run ends.
   *
   * @throws IllegalArgumentException where it cannot evaluate such a search
   */
  Evaluator create(Setting setting);

  /**
   * The most parts into which the samples of a gradient are divided, see {@link SampleShards}. A
   * gradient depends on it in its last bits, so a search continues with the number it began with.
   */
  default int gradientShards() {
    return 1;
  }
}
