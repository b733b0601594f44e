package org.lcsc.averaging;

import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The exponential moving average of the weights, Equation 6 of the LCSC paper: {@code average =
 * rate * average + (1 - rate) * parameters} after every update, starting from the initial weights.
 * Two BLAS calls per update, nothing allocated.
 *
 * <p>The average is float32. Its weights sum to 1 exactly: 1 - rate is taken of the rate as rounded
 * to float32, since a mismatch would shrink the average (by 0.1 % at rate 0.99999).
 *
 * <p>Not thread-safe.
 */
public final class ExponentialMovingAverage extends RunningAverage {

  private final double rate;
  private final float keep;

  /**
   * Starts at the initial weights.
   *
   * @param rate gamma, in [0, 1)
   * @param initial weights before the first update, {@code [P]}; copied
   */
  public ExponentialMovingAverage(double rate, INDArray initial) {
    this(rate, initial, 0);
  }

  /**
   * Continues from a saved average.
   *
   * @param rate gamma, in [0, 1)
   * @param average {@link #parameters()} of the saved one; copied
   * @param updates {@link #updates()} of the saved one, at least 0
   */
  public ExponentialMovingAverage(double rate, INDArray average, long updates) {
    super(average, updates);
    this.rate = requireRate(rate);
    this.keep = (float) rate;
  }

  /**
   * Checks a rate.
   *
   * @return the same
   * @throws IllegalArgumentException where it is not in [0, 1), as float32 too
   */
  public static double requireRate(double rate) {
    // The negation also refuses NaN; 1 after rounding to float32 would freeze the average.
    Refuse.argument(
        !(rate >= 0 && (float) rate < 1),
        "an EMA rate must lie in [0, 1) in float32, 0.999 for example, got %s",
        rate);
    return rate;
  }

  @Override
  float kept() {
    return keep;
  }

  /** Gamma, per update. */
  public double rate() {
    return rate;
  }

  @Override
  public String toString() {
    return "ExponentialMovingAverage(rate=" + rate + ", updates=" + updates() + ")";
  }
}
