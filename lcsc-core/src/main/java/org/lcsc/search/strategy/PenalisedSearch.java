package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * Steers another strategy towards short coefficient vectors: it receives {@code score + penalty *
 * |alpha|^2}, while log and result keep the score itself. The shortest vector of sum 1 is the
 * uniform average; a long one sums large multiples of similar checkpoints that nearly cancel, and
 * fits the search's noise. Not thread-safe.
 */
public final class PenalisedSearch extends StrategyDecorator {

  private final double penalty;

  /**
   * Wraps a strategy.
   *
   * @param penalty in units of the score, at least 0
   */
  public PenalisedSearch(SearchStrategy strategy, double penalty) {
    super(strategy);
    if (!(penalty >= 0 && Double.isFinite(penalty))) {
      throw new IllegalArgumentException("penalty must be at least 0 and finite, got " + penalty);
    }
    this.penalty = penalty;
  }

  /** The strategy itself where there is no penalty. */
  static SearchStrategy of(SearchStrategy strategy, double penalty) {
    return penalty > 0 ? new PenalisedSearch(strategy, penalty) : strategy;
  }

  @Override
  public void tell(double[] scores) {
    double[][] candidates = strategy.ask();
    StrategySnapshot.requireScores(scores, candidates.length);
    double[] penalised = new double[scores.length];
    for (int i = 0; i < scores.length; i++) {
      double square = 0;
      for (double a : candidates[i]) {
        square += a * a;
      }
      penalised[i] = scores[i] + penalty * square;
    }
    strategy.tell(penalised);
  }

  @Override
  protected void write(DataOutputStream out) throws IOException {
    StrategySnapshot.writeBytes(out, strategy.snapshot());
  }

  @Override
  protected void read(DataInputStream in) throws IOException {
    strategy.restore(StrategySnapshot.readBytes(in));
  }

  @Override
  protected String configuration() {
    return "penalty " + penalty;
  }
}
