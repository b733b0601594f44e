package org.lcsc.cli.report;

import static org.lcsc.io.Text.format;

import java.util.Arrays;

/**
 * Mean and spread of the finite values among some.
 *
 * @param n how many are finite
 * @param mean NaN of none
 * @param deviation sample standard deviation; 0 of fewer than two
 */
public record Spread(int n, double mean, double deviation) {

  /** Of values, those that are not finite left out. */
  public static Spread of(double... values) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
    double mean = Arrays.stream(finite).average().orElse(Double.NaN);
    double squares = Arrays.stream(finite).map(v -> (v - mean) * (v - mean)).sum();
    return new Spread(
        finite.length, mean, finite.length < 2 ? 0 : Math.sqrt(squares / (finite.length - 1)));
  }

  /** Mean and deviation, with so many decimals; a dash for none. */
  public String text(int decimals) {
    String number = "%." + decimals + "f";
    return n == 0
        ? "-"
        : n == 1 ? format(number, mean) : format(number + " ± " + number, mean, deviation);
  }
}
