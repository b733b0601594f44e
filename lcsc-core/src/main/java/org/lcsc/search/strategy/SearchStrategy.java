package org.lcsc.search.strategy;

/**
 * Proposes coefficients and learns from their scores (ask/tell); smaller scores are better.
 *
 * <pre>{@code
 * double[][] generation = strategy.ask();
 * while (generation.length > 0 && budgetIsLeft()) {
 *   strategy.tell(evaluate(generation));
 *   generation = strategy.ask();
 * }
 * }</pre>
 *
 * <p>A strategy is deterministic: what it asks next depends on its configuration, its seed and the
 * scores received so far. Its whole state goes through {@link #snapshot()} and {@link #restore}, so
 * that a search killed at any moment continues to the same result. Not thread-safe.
 */
public interface SearchStrategy {

  /** Short name for logs and saved states, for example {@code "evolutionary"}. */
  String name();

  /** Number of coefficients of a candidate: K, with G groups of parameters {@code G * K}. */
  int dimension();

  /**
   * The generation to be scored next. Asking again before {@link #tell} gives the same generation,
   * also after a restore.
   *
   * @return {@code [B, K]}, every row summing to 1, with groups every group of it; the caller's to
   *     keep. Empty where the strategy has nothing left to propose.
   */
  double[][] ask();

  /**
   * The share of the objective's samples on which the generation last asked for is to be scored, in
   * (0, 1]; an evaluation counts as that share. Less than 1 takes a {@link
   * org.lcsc.objective.PartialObjective}, for a gradient {@link
   * org.lcsc.objective.DifferentiableObjective#onShare}.
   */
  default double fidelity() {
    return 1;
  }

  /**
   * Takes the scores of the generation last asked for.
   *
   * @param scores one per candidate, in order; a non-finite score ranks last
   * @throws IllegalArgumentException where the number of scores is not that of the generation
   */
  void tell(double[] scores);

  /** The whole state after the last {@link #tell}, in a form private to the strategy. */
  byte[] snapshot();

  /**
   * Continues from a snapshot.
   *
   * @throws IllegalArgumentException where the snapshot is damaged, or was taken from a strategy of
   *     another configuration; the message says what differs
   */
  void restore(byte[] snapshot);
}
