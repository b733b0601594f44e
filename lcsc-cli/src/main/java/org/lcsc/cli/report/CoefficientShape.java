package org.lcsc.cli.report;

import static org.lcsc.io.Text.format;

import java.util.Arrays;
import org.lcsc.cli.report.chart.Numbers;

/**
 * What a combination's coefficients look like (the paper's Section 6).
 *
 * @param count how many there are
 * @param negative how many are below zero
 * @param half the fewest that hold half of the sum of magnitudes
 * @param magnitude sum of the magnitudes, the mean over combinations of parts; 1 for a convex one
 * @param smallest of all
 * @param largest of all
 */
record CoefficientShape(
    int count, int negative, int half, double magnitude, double smallest, double largest) {

  /**
   * Describes coefficients.
   *
   * @param coefficients of all parts, ranges of noise levels or groups of layers
   * @param parts how many these are
   */
  static CoefficientShape of(double[] coefficients, int parts) {
    double[] sizes = Arrays.stream(coefficients).map(Math::abs).sorted().toArray();
    double magnitude = Arrays.stream(sizes).sum();
    double sum = 0;
    int half = 0;
    while (half < sizes.length && sum < magnitude / 2) {
      sum += sizes[sizes.length - 1 - half++];
    }
    return new CoefficientShape(
        coefficients.length,
        (int) Arrays.stream(coefficients).filter(a -> a < 0).count(),
        half,
        magnitude / parts,
        Arrays.stream(coefficients).min().orElse(Double.NaN),
        Arrays.stream(coefficients).max().orElse(Double.NaN));
  }

  /** The same in words. */
  String text() {
    return format(
        "%d of %d coefficients are negative; they range from %s to %s. The largest %d hold half"
            + " of the sum of magnitudes, %s (1 for EMA and every other convex combination).",
        negative,
        count,
        Numbers.text(smallest),
        Numbers.text(largest),
        half,
        Numbers.text(magnitude));
  }
}
