package org.lcsc.cli.output;

import java.util.Arrays;
import java.util.Locale;

/**
 * Mean and standard deviation of the finite values among some.
 *
 * @param n how many are finite
 * @param mean NaN of none
 * @param deviation the standard deviation of a sample, by n - 1; NaN of fewer than two
 */
public record Spread(int n, double mean, double deviation) {

  /** Of some values. */
  public static Spread of(double... all) {
    double[] values = Arrays.stream(all).filter(Double::isFinite).toArray();
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = sum / values.length;
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    int n = values.length;
    return new Spread(n, mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1)));
  }

  /** Mean and deviation; a dash for none. */
  @Override
  public String toString() {
    if (n == 0) {
      return "-";
    }
    return String.format(Locale.ROOT, "%.3f", mean)
        + (n == 1 ? "" : " \u00b1 " + String.format(Locale.ROOT, "%.3f", deviation));
  }
}
