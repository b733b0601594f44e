package org.lcsc.search.strategy;

import java.util.Arrays;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * Bounds on every coefficient beside their sum of 1. Reviewers of the LCSC paper saw coefficients
 * beyond 6 in absolute value; bounds keep a search near the checkpoints. Immutable and thread-safe.
 *
 * @param least the least value of a coefficient; negative infinity for no bound
 * @param most the greatest; infinity for no bound
 */
public record CoefficientLimits(double least, double most) {

  /** Any real coefficients, as in Algorithm 1. */
  public static final CoefficientLimits NONE =
      new CoefficientLimits(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  /** Where rounding keeps limits that just allow a sum of 1 from reaching it, the search ends. */
  private static final double MAX_STEP = 1e15;

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException where {@code least} is not below {@code most}, or one is NaN
   */
  public CoefficientLimits {
    Refuse.argument(!(least < most), "limits must ascend, got least %s and most %s", least, most);
  }

  /**
   * Limits as they stand in a configuration.
   *
   * @param most greatest absolute value, above 0; null for none
   * @param convex whether all coefficients are at least 0
   */
  static CoefficientLimits of(Double most, boolean convex) {
    double bound = most == null ? Double.POSITIVE_INFINITY : most;
    return new CoefficientLimits(convex ? 0 : -bound, convex ? Math.min(1, bound) : bound);
  }

  /**
   * Checks that coefficients within the limits can sum to 1.
   *
   * @param checkpoints K
   * @throws IllegalArgumentException where they cannot
   */
  public void requireFeasible(int checkpoints) {
    if (least * checkpoints > 1 || most * checkpoints < 1) {
      throw new IllegalArgumentException(
          Text.format(
              "%s coefficients from %s to %s cannot sum to 1, allowed: least at most and most at"
                  + " least %s",
              checkpoints, least, most, 1.0 / checkpoints));
    }
  }

  /** Whether all coefficients are within the limits. */
  public boolean holds(double[] coefficients) {
    for (double a : coefficients) {
      if (!(a >= least && a <= most)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The nearest coefficients (Euclidean) within the limits whose sum in every group is 1: {@code
   * clamp(alpha_k - tau)} with the tau that makes the sum 1, by bisection; the last rounding goes
   * to a coefficient that is on no bound.
   *
   * @param coefficients {@code G * K} finite reals, those of the first group first; not modified
   * @param groups G
   * @return new coefficients; the given values where they are within the limits and sum to 1
   * @throws IllegalArgumentException as {@link #requireFeasible}
   */
  public double[] project(double[] coefficients, int groups) {
    int size = coefficients.length / groups;
    double[] projected = new double[coefficients.length];
    for (int from = 0; from < projected.length; from += size) {
      double[] group = Arrays.copyOfRange(coefficients, from, from + size);
      System.arraycopy(projectedGroup(group), 0, projected, from, size);
    }
    return projected;
  }

  private double[] projectedGroup(double[] coefficients) {
    double excess = Coefficients.sum(coefficients) - 1;
    if (Math.abs(excess) <= 1e-12 && holds(coefficients)) {
      return coefficients.clone();
    }
    requireFeasible(coefficients.length);
    // Clamping at these shifts gives a sum of at least and of at most 1.
    double low = excess / coefficients.length;
    double high = low;
    double step = 1 + Math.abs(low);
    while (clampedSum(coefficients, low) < 1 && step < MAX_STEP) {
      low -= step;
      step *= 2;
    }
    step = 1 + Math.abs(high);
    while (clampedSum(coefficients, high) > 1 && step < MAX_STEP) {
      high += step;
      step *= 2;
    }
    for (int i = 0; i < 200 && low < high; i++) {
      double middle = low + (high - low) / 2;
      if (middle == low || middle == high) {
        break;
      }
      if (clampedSum(coefficients, middle) >= 1) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double[] projected = new double[coefficients.length];
    for (int k = 0; k < projected.length; k++) {
      projected[k] = clamp(coefficients[k] - low);
    }
    spreadRounding(projected);
    return projected;
  }

  private void spreadRounding(double[] projected) {
    double excess = Coefficients.sum(projected) - 1;
    for (int k = 0; k < projected.length; k++) {
      double corrected = projected[k] - excess;
      if (projected[k] > least && projected[k] < most && clamp(corrected) == corrected) {
        projected[k] = corrected;
        return;
      }
    }
  }

  private double clampedSum(double[] coefficients, double shift) {
    double sum = 0;
    for (double a : coefficients) {
      sum += clamp(a - shift);
    }
    return sum;
  }

  private double clamp(double value) {
    return Math.min(most, Math.max(least, value));
  }
}
