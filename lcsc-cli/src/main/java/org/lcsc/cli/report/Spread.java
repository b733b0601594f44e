package org.lcsc.cli.report;

import java.util.Arrays;
import org.lcsc.io.Text;

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

  /** Mean and deviation, with the digits of the larger one as a score; a dash for none. */
  public String text() {
    return n == 0 ? "-" : n == 1 ? meanText() : meanText() + " ± " + deviationText();
  }

  /** The mean as in {@link #text}. */
  public String meanText() {
    return Text.score(mean, larger());
  }

  /** The deviation as in {@link #text}. */
  public String deviationText() {
    return Text.score(deviation, larger());
  }

  private double larger() {
    return Math.max(Math.abs(mean), deviation);
  }
}
