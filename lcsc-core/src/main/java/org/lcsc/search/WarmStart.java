package org.lcsc.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.checkpoint.Coefficients;

/**
 * Carries the coefficients of an earlier search over to a later window, as candidates to start
 * from.
 *
 * <p>Stateless and thread-safe.
 */
public final class WarmStart {

  private WarmStart() {}

  /**
   * The candidates: the same coefficients on the same checkpoints, as far as the window still holds
   * them, and the same coefficients by age, the newest on the newest. Each is divided by its sum;
   * one whose sum is nearly 0 is left out, and so is the second where it is the same.
   *
   * @param earlier iterations of the earlier window, ascending
   * @param coefficients the earlier search's, one per iteration, with groups for one group after
   *     the other
   * @param window iterations of the later window, ascending
   * @return at most 2 candidates of as many coefficients as the later window has checkpoints, for
   *     as many groups
   * @throws IllegalArgumentException where there are not as many coefficients as iterations, for
   *     one group or several
   */
  public static double[][] candidates(long[] earlier, double[] coefficients, long[] window) {
    int size = earlier.length;
    if (size == 0 || coefficients.length == 0 || coefficients.length % size != 0) {
      throw new IllegalArgumentException(
          "got " + coefficients.length + " coefficients for " + earlier.length + " checkpoints");
    }
    Map<Long, Integer> byIteration = new HashMap<>();
    for (int k = 0; k < size; k++) {
      byIteration.put(earlier[k], k);
    }
    int groups = coefficients.length / size;
    double[] same = new double[groups * window.length];
    double[] aged = new double[groups * window.length];
    for (int i = 0; i < same.length; i++) {
      int first = i / window.length * size;
      int k = i % window.length;
      Integer index = byIteration.get(window[k]);
      same[i] = index == null ? 0 : coefficients[first + index];
      int older = k - window.length + size;
      aged[i] = older >= 0 ? coefficients[first + older] : 0;
    }
    List<double[]> candidates = new ArrayList<>();
    for (double[] candidate : new double[][] {same, aged}) {
      if (Coefficients.areDivisible(candidate, Coefficients.MINIMUM_SUM, groups)) {
        double[] normalised = Coefficients.normalised(candidate, Coefficients.MINIMUM_SUM, groups);
        if (candidates.stream().noneMatch(c -> Arrays.equals(c, normalised))) {
          candidates.add(normalised);
        }
      }
    }
    return candidates.toArray(double[][]::new);
  }
}
