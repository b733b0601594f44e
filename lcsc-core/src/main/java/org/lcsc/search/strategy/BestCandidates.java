package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * What a search that joins several strategies remembers of them: the best distinct candidates with
 * finite scores, best first, of equals the earlier. Not thread-safe.
 */
final class BestCandidates {

  private record Scored(double score, double[] coefficients) {}

  private final int capacity;
  private final List<Scored> best = new ArrayList<>();

  BestCandidates(int capacity) {
    this.capacity = capacity;
  }

  private void add(double score, double[] coefficients) {
    if (!Double.isFinite(score)
        || best.stream().anyMatch(b -> Arrays.equals(b.coefficients, coefficients))) {
      return;
    }
    best.add(new Scored(score, coefficients));
    // Stable: of equals the earlier stays in front.
    best.sort(Comparator.comparingDouble(Scored::score));
    if (best.size() > capacity) {
      best.remove(capacity);
    }
  }

  /**
   * Tells a strategy its scores, and remembers the candidates unless they were scored on a share of
   * the samples.
   *
   * @param strategy that asked for them
   * @return evaluations; one on a share of the samples counts as that share
   */
  double tell(SearchStrategy strategy, double[] scores) {
    double[][] candidates = strategy.ask();
    double fidelity = strategy.fidelity();
    strategy.tell(scores);
    for (int i = 0; i < scores.length && fidelity >= 1; i++) {
      add(scores[i], candidates[i]);
    }
    return fidelity * scores.length;
  }

  boolean isEmpty() {
    return best.isEmpty();
  }

  int size() {
    return best.size();
  }

  double[] get(int rank) {
    return best.get(rank).coefficients;
  }

  /** The coefficients, {@code [B, K]}, best first. */
  double[][] coefficients() {
    return best.stream().map(Scored::coefficients).toArray(double[][]::new);
  }

  void write(DataOutputStream out) throws IOException {
    StrategySnapshot.writeRows(
        out, new double[][] {best.stream().mapToDouble(Scored::score).toArray()});
    StrategySnapshot.writeRows(out, coefficients());
  }

  /** What {@link #write} wrote. */
  static BestCandidates read(DataInputStream in, int capacity) throws IOException {
    double[] scores = StrategySnapshot.readRows(in)[0];
    double[][] coefficients = StrategySnapshot.readRows(in);
    BestCandidates read = new BestCandidates(capacity);
    for (int i = 0; i < coefficients.length; i++) {
      read.best.add(new Scored(scores[i], coefficients[i]));
    }
    return read;
  }
}
