package org.lcsc.search.strategy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The best distinct candidates of a search, best first; non-finite scores last, ties by age. */
public final class Leaders {

  private static final Comparator<ScoredCoefficients> BY_RANK =
      Comparator.<ScoredCoefficients>comparingDouble(c -> ranked(c.searchScore()))
          .thenComparingInt(ScoredCoefficients::evaluation);

  private final int capacity;
  private final List<ScoredCoefficients> candidates = new ArrayList<>();

  public Leaders(int capacity) {
    this.capacity = capacity;
  }

  /** The score as it ranks: infinite where it is not finite. */
  public static double ranked(double score) {
    return Double.isFinite(score) ? score : Double.POSITIVE_INFINITY;
  }

  public void add(ScoredCoefficients candidate) {
    for (ScoredCoefficients known : candidates) {
      if (Arrays.equals(known.coefficients(), candidate.coefficients())) {
        return;
      }
    }
    candidates.add(candidate);
    candidates.sort(BY_RANK);
    if (candidates.size() > capacity) {
      candidates.remove(capacity);
    }
  }

  public void replaceBy(List<ScoredCoefficients> others) {
    candidates.clear();
    candidates.addAll(others);
  }

  public List<ScoredCoefficients> list() {
    return List.copyOf(candidates);
  }
}
