package org.lcsc.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Carries the coefficients of an earlier search over to a later window, as candidates to start
 * from.
 */
public final class WarmStart {

  private static final double MINIMUM_SUM = 0.1;

  private WarmStart() {}

  /**
   * The candidates: the same coefficients on the same checkpoints, as far as the window still holds
   * them, and the same coefficients by age, the newest on the newest. Each is divided by its sum;
   * one whose sum is nearly 0 is left out, and so is the second where it is the same.
   *
   * @param earlier iterations of the earlier window, ascending
   * @param coefficients the earlier search's, one per iteration
   * @param window iterations of the later window, ascending
   * @return at most 2 candidates of as many coefficients as the later window has checkpoints
   * @throws IllegalArgumentException where there are not as many coefficients as iterations
   */
  public static double[][] candidates(long[] earlier, double[] coefficients, long[] window) {
    if (earlier.length != coefficients.length) {
      throw new IllegalArgumentException(
          "got " + coefficients.length + " coefficients for " + earlier.length + " checkpoints");
    }
    Map<Long, Double> byIteration = new HashMap<>();
    for (int k = 0; k < earlier.length; k++) {
      byIteration.put(earlier[k], coefficients[k]);
    }
    double[] same = new double[window.length];
    double[] aged = new double[window.length];
    for (int k = 0; k < window.length; k++) {
      same[k] = byIteration.getOrDefault(window[k], 0.0);
      int older = k - window.length + earlier.length;
      aged[k] = older >= 0 ? coefficients[older] : 0;
    }
    List<double[]> candidates = new ArrayList<>();
    for (double[] candidate : new double[][] {same, aged}) {
      if (Math.abs(Coefficients.sum(candidate)) >= MINIMUM_SUM) {
        double[] normalised = Coefficients.normalised(candidate, MINIMUM_SUM);
        if (candidates.stream().noneMatch(c -> Arrays.equals(c, normalised))) {
          candidates.add(normalised);
        }
      }
    }
    return candidates.toArray(double[][]::new);
  }
}
