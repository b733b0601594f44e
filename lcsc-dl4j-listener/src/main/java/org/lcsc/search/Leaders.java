package org.lcsc.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The best distinct candidates of a search, best first; non-finite scores last, ties by age. */
final class Leaders {

  private static final Comparator<ScoredCoefficients> BY_RANK =
      Comparator.<ScoredCoefficients>comparingDouble(c -> ranked(c.searchScore()))
          .thenComparingInt(ScoredCoefficients::evaluation);

  private final int capacity;
  private final List<ScoredCoefficients> candidates = new ArrayList<>();

  Leaders(int capacity) {
    this.capacity = capacity;
  }

  /** The score as it ranks: infinite where it is not finite. */
  static double ranked(double score) {
    return Double.isFinite(score) ? score : Double.POSITIVE_INFINITY;
  }

  void add(ScoredCoefficients candidate) {
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

  void replaceBy(List<ScoredCoefficients> others) {
    candidates.clear();
    candidates.addAll(others);
  }

  List<ScoredCoefficients> list() {
    return List.copyOf(candidates);
  }
}
