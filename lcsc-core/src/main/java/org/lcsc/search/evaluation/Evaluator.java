package org.lcsc.search.evaluation;

import org.lcsc.objective.Evaluation;
import org.lcsc.search.CheckpointSearch;

/**
 * Merges and scores the candidates of a {@link CheckpointSearch}; where, and how many at a time, is
 * its business. {@link LocalEvaluator} scores one after the other on this thread, {@link
 * ParallelEvaluator} several at a time.
 *
 * <pre>{@code
 * evaluator.load(new Generation(NoiseSet.SEARCH, candidates, 1, 0, candidates.length));
 * for (int index = 0; index < candidates.length; index++) {
 *   Evaluation evaluation = evaluator.evaluate(index);
 * }
 * }</pre>
 *
 * <p>Scores are those of {@link LocalEvaluator} with the same settings, to the bit, whatever the
 * evaluator: a search must not depend on where its candidates are scored. Not thread-safe.
 */
public interface Evaluator extends AutoCloseable {

  /** Which of a search's two objectives scores. */
  enum NoiseSet {
    /** The one that the strategy sees. */
    SEARCH,
    /** The one that picks the result. */
    VALIDATION
  }

  /**
   * Candidates to be scored.
   *
   * @param noise which objective scores them
   * @param candidates {@code [B, G * K]}; not modified
   * @param fidelity share of the samples, in (0, 1]
   * @param first the first whose score will be asked for
   * @param end the first that the budget no longer affords; it may still be asked for
   */
  record Generation(NoiseSet noise, double[][] candidates, double fidelity, int first, int end) {}

  /**
   * A score with its gradient.
   *
   * @param evaluation the score and where the time went
   * @param slopes derivatives of the score with respect to the coefficients, {@code [G * K]}; zeros
   *     where it is not finite
   */
  record Gradient(Evaluation evaluation, double[] slopes) {}

  /**
   * Sets the candidates that follow; scores of earlier ones that were not asked for are given up.
   */
  void load(Generation generation);

  /**
   * The score of a candidate of the loaded generation; they are asked for in order.
   *
   * @param index which, from {@code first} of the generation on
   * @throws IllegalArgumentException where a share of the samples is asked for that the objective
   *     cannot score
   */
  Evaluation evaluate(int index);

  /**
   * The score of a single candidate on the search objective with its gradient.
   *
   * @param candidate {@code [G * K]}; not modified
   * @param draw which noise, see {@link org.lcsc.objective.DifferentiableObjective#gradient}
   * @param share of the samples, see {@link org.lcsc.objective.DifferentiableObjective#onShare}
   */
  Gradient differentiate(double[] candidate, long draw, double share);

  /** Frees what it holds; the objectives and checkpoints stay their owner's. */
  @Override
  void close();
}
