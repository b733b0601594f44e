package org.lcsc.search.strategy;

import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.config.Part;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Objective;

/**
 * The settings of one kind of search strategy: key {@code lcsc.search.strategy} of a configuration
 * file. Implementations are immutable records.
 */
public interface StrategySettings extends Part {

  /** The evaluations of a search in the paper. */
  int PAPERS_EVALUATIONS = 2000;

  /**
   * What a strategy is made for.
   *
   * @param initial candidates to start from, {@code [B, G * K]}, every group's coefficients of sum
   *     1
   * @param earlier how many of these, the last, an earlier search found: no strategy leaves them
   *     out
   * @param merger the checkpoints; to be read now, not to be kept
   * @param evaluations what the search may spend
   * @param gradientCost evaluations that a value with its gradient counts as; 1 where the objective
   *     has no gradient
   * @param seed decides every random draw
   */
  record Start(
      double[][] initial,
      int earlier,
      CheckpointMerger merger,
      int evaluations,
      double gradientCost,
      long seed) {

    /** The same with another number of evaluations. */
    Start with(int others) {
      return new Start(initial, earlier, merger, others, gradientCost, seed);
    }
  }

  /** A new strategy. */
  SearchStrategy create(Start start);

  /** Evaluations of a search where none are configured. */
  default int evaluations() {
    return PAPERS_EVALUATIONS;
  }

  /**
   * Refuses an objective that a search of this strategy could not score, before any work.
   *
   * @throws IllegalArgumentException where it lacks a gradient that is wanted
   */
  default void require(Objective objective) {
    if (wantsGradients()) {
      DifferentiableObjective.require(objective);
    }
  }

  /** Greatest absolute value of a coefficient; null for none. */
  default Double limit() {
    return null;
  }

  /** The key of {@link #limit}. */
  default String limitKey() {
    return "limit";
  }

  /** Whether it needs an objective with a gradient. */
  default boolean wantsGradients() {
    return false;
  }

  /** Whether it searches coefficients for several groups or ranges. */
  default boolean searchesGroups() {
    return true;
  }

  /**
   * How many candidates it proposes at once, which can be scored side by side.
   *
   * @param checkpoints of the window, K
   */
  default int generation(int checkpoints) {
    return 1;
  }
}
