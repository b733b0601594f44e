package org.lcsc.averaging;

import java.util.function.IntToDoubleFunction;
import org.lcsc.io.Refuse;

/**
 * The coefficients an exponential moving average puts on the checkpoints of a window. Algorithm 1
 * of the LCSC paper starts its search from them.
 *
 * <p>The average of rate gamma (Equation 6) gives the weights after i of N updates the mass {@code
 * (1 - gamma) gamma^(N - i)}. A checkpoint of iteration n_k stands for the iterations after the
 * checkpoint before it, n_{k-1} + 1 to n_k, so its coefficient is their sum, {@code gamma^(N - n_k)
 * - gamma^(N - n_{k-1})}. For a regular interval D this is the average of rate {@code gamma^D} over
 * checkpoints.
 *
 * <p>The oldest checkpoint stands for as many iterations as the second (for one when it is alone),
 * no further back than the first update. What the average would give to iterations before the
 * window is not put on the oldest checkpoint, which would dominate (67 % of the mass for rate
 * 0.99999 over 40,000 iterations); it is left out, and the rest is scaled to sum to 1.
 *
 * <p>Stateless and thread-safe.
 */
public final class EmaCoefficients {

  private EmaCoefficients() {}

  /**
   * The coefficients at the newest checkpoint's iteration.
   *
   * @param rate gamma per iteration, in [0, 1)
   * @param iterations iterations of the checkpoints, ascending, at least one
   * @return non-negative, one per checkpoint, sum 1
   */
  public static double[] of(double rate, long[] iterations) {
    // The negation also refuses NaN. A running average needs more: a rate below 1 in float32.
    Refuse.argument(!(rate >= 0 && rate < 1), "an EMA rate must lie in [0, 1), got %s", rate);
    int size = iterations.length;
    Refuse.argument(size == 0, "an average needs a checkpoint, got no iterations");
    if (size == 1) {
      return new double[] {1};
    }
    double logRate = Math.log(rate);
    long newest = iterations[size - 1];
    return inProportion(
        iterations,
        k -> {
          long span =
              k > 0
                  ? iterations[k] - iterations[k - 1]
                  : Math.max(1, Math.min(iterations[1] - iterations[0], iterations[0]));
          long age = newest - iterations[k];
          // gamma^age (1 - gamma^span) without cancellation; rate 0 would make 0 * log(0) a NaN.
          return rate == 0
              ? (age == 0 ? 1 : 0)
              : Math.exp(age * logRate) * -Math.expm1(span * logRate);
        });
  }

  /**
   * Coefficients in proportion to what each checkpoint stands for.
   *
   * @param iterations of the checkpoints, which must ascend
   * @param mass of the k-th
   * @return sum 1
   */
  static double[] inProportion(long[] iterations, IntToDoubleFunction mass) {
    for (int k = 1; k < iterations.length; k++) {
      Refuse.argument(
          iterations[k] <= iterations[k - 1],
          "iterations must ascend, got %s after %s",
          iterations[k],
          iterations[k - 1]);
    }
    double[] coefficients = new double[iterations.length];
    double sum = 0;
    for (int k = 0; k < coefficients.length; k++) {
      coefficients[k] = mass.applyAsDouble(k);
      sum += coefficients[k];
    }
    for (int k = 0; k < coefficients.length; k++) {
      coefficients[k] /= sum;
    }
    return coefficients;
  }
}
