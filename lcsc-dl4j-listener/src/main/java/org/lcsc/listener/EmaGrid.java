package org.lcsc.listener;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The EMA rates to try over a window where none are given.
 *
 * <p>Stateless and thread-safe.
 */
public final class EmaGrid {

  private static final int RATES = 10;

  /** The longest horizon in spans of the window; beyond it the average is nearly uniform. */
  private static final double LONGEST = 2;

  private EmaGrid() {}

  /**
   * Rates whose horizons 1 / (1 - rate) form a geometric sequence from half the interval between
   * checkpoints to twice the span of the window.
   *
   * @param iterations iterations of at least 2 checkpoints, ascending
   * @return ascending, distinct, in (0, 1); 1 - rate has two significant digits
   */
  public static double[] of(long[] iterations) {
    double span = iterations[iterations.length - 1] - iterations[0];
    double shortest = Math.max(1.25, span / (iterations.length - 1) / 2);
    double longest = Math.max(LONGEST * span, 2 * shortest);
    return IntStream.range(0, RATES)
        .mapToDouble(i -> rate(shortest * Math.pow(longest / shortest, i / (RATES - 1.0))))
        .distinct()
        .toArray();
  }

  private static double rate(double horizon) {
    BigDecimal forgotten = new BigDecimal(1 / horizon, new MathContext(2));
    return BigDecimal.ONE.subtract(forgotten).doubleValue();
  }

  /** A rate, width or number as it is written in labels and file names: plain decimals. */
  public static String text(double rate) {
    return BigDecimal.valueOf(rate).stripTrailingZeros().toPlainString();
  }

  /** All rates, ascending, none twice. */
  static double[] union(double[] a, double[] b) {
    double[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return Arrays.stream(all).sorted().distinct().toArray();
  }
}
