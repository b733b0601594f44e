package org.lcsc.cli.report;

import java.util.Arrays;

/**
 * Mean and spread of the finite values among some.
 *
 * @param deviation sample standard deviation; 0 of a single value
 */
record Spread(double mean, double deviation) {

  static Spread of(double[] values) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
    double mean = Arrays.stream(finite).average().orElse(Double.NaN);
    double squares = Arrays.stream(finite).map(v -> (v - mean) * (v - mean)).sum();
    return new Spread(mean, finite.length < 2 ? 0 : Math.sqrt(squares / (finite.length - 1)));
  }
}
