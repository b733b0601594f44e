package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.lcsc.io.Refuse;

/**
 * Spends samples where they matter: every generation of another strategy is first scored on a share
 * of the samples, and only the best of it on all of them (successive halving in two rounds;
 * Jamieson and Talwalkar, AISTATS 2016). The budget counts shares: a round of B candidates on a
 * quarter of the samples costs B / 4 evaluations.
 *
 * <p>The strategy receives the full scores of the survivors; a candidate that dropped out gets the
 * worst of them plus what it lacked to the worst survivor on few samples, so it ranks behind.
 * Scores on few samples are comparable among themselves only, since FID's bias falls with the
 * number of samples. The first generation is never raced: the baselines are in it. Not thread-safe.
 */
public final class RacingSearch extends StrategyDecorator {

  private final double share;
  private final double survivors;

  /** Whether the strategy's first generation is behind it. */
  private boolean begun;

  /** Scores on few samples of the running generation; null before they are received. */
  private double[] first;

  /**
   * Wraps a strategy.
   *
   * @param share of the samples in the first round, in (0, 1)
   * @param survivors share of the candidates scored on all samples, in (0, 1); rounded up
   */
  public RacingSearch(SearchStrategy strategy, double share, double survivors) {
    super(strategy);
    Refuse.argument(!(share > 0 && share < 1), "share must be in (0, 1), got %s", share);
    Refuse.argument(
        !(survivors > 0 && survivors < 1), "survivors must be in (0, 1), got %s", survivors);
    this.share = share;
    this.survivors = survivors;
  }

  @Override
  public double fidelity() {
    return begun && first == null ? share : 1;
  }

  @Override
  public double[][] ask() {
    double[][] candidates = strategy.ask();
    return first == null
        ? candidates
        : Arrays.stream(survivors()).mapToObj(i -> candidates[i]).toArray(double[][]::new);
  }

  /** Indices of the candidates of the second round, in the order of the generation. */
  private int[] survivors() {
    int count = (int) Math.ceil(survivors * first.length);
    return ranked().limit(count).sorted().toArray();
  }

  private IntStream ranked() {
    return Arrays.stream(Leaders.ranks(first, 0));
  }

  @Override
  public void tell(double[] scores) {
    StrategySnapshot.requireScores(scores, ask().length);
    if (!begun) {
      strategy.tell(scores);
      begun = true;
    } else if (first == null) {
      first = scores.clone();
    } else {
      strategy.tell(combined(scores));
      first = null;
    }
  }

  private double[] combined(double[] scores) {
    int[] kept = survivors();
    double worst = Double.NEGATIVE_INFINITY;
    double worstFirst = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < kept.length; i++) {
      // One without a score says nothing of those that dropped out.
      if (Double.isFinite(scores[i])) {
        worst = Math.max(worst, scores[i]);
        worstFirst = Math.max(worstFirst, first[kept[i]]);
      }
    }
    if (worst == Double.NEGATIVE_INFINITY) {
      worst = Double.POSITIVE_INFINITY;
    }
    double[] combined = new double[first.length];
    for (int i = 0; i < combined.length; i++) {
      // Infinite or NaN where either is: such candidates rank last.
      combined[i] = worst + (first[i] - worstFirst);
    }
    for (int i = 0; i < kept.length; i++) {
      combined[kept[i]] = scores[i];
    }
    return combined;
  }

  @Override
  protected void write(DataOutputStream out) throws IOException {
    out.writeBoolean(begun);
    StrategySnapshot.writeRow(out, first);
    StrategySnapshot.writeBytes(out, strategy.snapshot());
  }

  @Override
  protected void read(DataInputStream in) throws IOException {
    boolean savedBegun = in.readBoolean();
    double[] savedFirst = StrategySnapshot.readRow(in);
    strategy.restore(StrategySnapshot.readBytes(in));
    begun = savedBegun;
    first = savedFirst;
  }

  @Override
  protected String configuration() {
    return "racing, share " + share + ", survivors " + survivors;
  }
}
