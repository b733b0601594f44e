package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The best candidates received so far, best first; non-finite scores last, equal scores by age.
 * What does not fit is forgotten. Not thread-safe.
 */
public final class Leaders {

  private static final Comparator<ScoredCoefficients> BY_RANK =
      Comparator.<ScoredCoefficients>comparingDouble(c -> ranked(c.searchScore()))
          .thenComparingInt(ScoredCoefficients::evaluation);

  private final int capacity;
  private final boolean distinct;
  private final List<ScoredCoefficients> candidates = new ArrayList<>();

  /** Candidates received so far. */
  private int told;

  /** Keeps distinct candidates. */
  public Leaders(int capacity) {
    this(capacity, true);
  }

  /**
   * Keeps candidates.
   *
   * @param distinct whether equal coefficients count once, with the first score
   */
  Leaders(int capacity, boolean distinct) {
    this.capacity = capacity;
    this.distinct = distinct;
  }

  /** The score as it ranks: infinite where it is not finite. */
  public static double ranked(double score) {
    return Double.isFinite(score) ? score : Double.POSITIVE_INFINITY;
  }

  /** Indices from {@code first} on, best score first; non-finite ones last, ties by index. */
  public static int[] ranks(double[] scores, int first) {
    return IntStream.range(first, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> ranked(scores[i])))
        .mapToInt(i -> i)
        .toArray();
  }

  /** Takes a candidate under the number of its evaluation. */
  public void add(ScoredCoefficients candidate) {
    if (distinct
        && candidates.stream()
            .anyMatch(c -> Arrays.equals(c.coefficients(), candidate.coefficients()))) {
      return;
    }
    candidates.add(candidate);
    candidates.sort(BY_RANK);
    if (candidates.size() > capacity) {
      candidates.remove(capacity);
    }
  }

  /** Takes a generation with its scores, numbered on. */
  void add(double[][] generation, double[] scores) {
    for (int i = 0; i < scores.length; i++) {
      add(new ScoredCoefficients("", told++, scores[i], Double.NaN, generation[i].clone()));
    }
  }

  /** Takes what was saved. */
  public void replaceBy(List<ScoredCoefficients> others) {
    candidates.clear();
    candidates.addAll(others);
  }

  /** The candidates, best first; a copy. */
  public List<ScoredCoefficients> list() {
    return List.copyOf(candidates);
  }

  /** The worst score, infinite where it is not finite. */
  double worst() {
    return ranked(candidates.get(candidates.size() - 1).searchScore());
  }

  /** The coefficients of those with a finite score, or of all where none has one. */
  List<double[]> usable() {
    List<double[]> finite = finite();
    return finite.isEmpty()
        ? candidates.stream().map(ScoredCoefficients::coefficients).toList()
        : finite;
  }

  /** The coefficients of those with a finite score. */
  List<double[]> finite() {
    return candidates.stream()
        .filter(c -> Double.isFinite(c.searchScore()))
        .map(ScoredCoefficients::coefficients)
        .toList();
  }

  void write(DataOutputStream out) throws IOException {
    out.writeInt(told);
    double[][] numbers = {
      candidates.stream().mapToDouble(ScoredCoefficients::evaluation).toArray(),
      candidates.stream().mapToDouble(ScoredCoefficients::searchScore).toArray()
    };
    StrategySnapshot.writeRows(out, numbers);
    StrategySnapshot.writeRows(
        out, candidates.stream().map(ScoredCoefficients::coefficients).toArray(double[][]::new));
  }

  /** What {@link #write} wrote. */
  static Leaders read(DataInputStream in, int capacity, boolean distinct) throws IOException {
    Leaders read = new Leaders(capacity, distinct);
    read.told = in.readInt();
    double[][] numbers = StrategySnapshot.readRows(in);
    double[][] coefficients = StrategySnapshot.readRows(in);
    if (coefficients.length > capacity) {
      throw new IOException(
          "it holds " + coefficients.length + " candidates, at most " + capacity + " are possible");
    }
    for (int i = 0; i < coefficients.length; i++) {
      read.candidates.add(
          new ScoredCoefficients(
              "", (int) numbers[0][i], numbers[1][i], Double.NaN, coefficients[i]));
    }
    return read;
  }
}
