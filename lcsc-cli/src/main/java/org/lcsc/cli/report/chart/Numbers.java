package org.lcsc.cli.report.chart;

import static org.lcsc.io.Text.format;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Numbers as people read them.
 *
 * <p>Thread-safe: it has no state.
 */
public final class Numbers {

  private Numbers() {}

  /**
   * A number with at most 4 significant digits, whole numbers in full: {@code 2,500}, {@code
   * 0.0012}, {@code 16.97}, {@code 3.6e-8}; with a minus sign, not a hyphen.
   *
   * @return a dash where it is not finite
   */
  public static String text(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    if (value == 0) {
      return "0";
    }
    double size = Math.abs(value);
    String digits;
    if (value == Math.rint(value) && size < 1e12) {
      digits = format("%,d", (long) size);
    } else if (size < 1e-4 || size >= 1e12) {
      digits = trim(format("%.3e", size));
    } else if (size >= 1000) {
      digits = format("%,.1f", size);
    } else {
      digits =
          new BigDecimal(size)
              .round(new MathContext(4, RoundingMode.HALF_EVEN))
              .stripTrailingZeros()
              .toPlainString();
    }
    return (value < 0 ? "−" : "") + digits;
  }

  /** Two decimals, as FID is given; below 0.1, as many losses are, three significant digits. */
  public static String score(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    return value == 0 || Math.abs(value) >= 0.1
        ? format("%,.2f", value)
        : new BigDecimal(value).round(new MathContext(3, RoundingMode.HALF_EVEN)).toPlainString();
  }

  private static String trim(String scientific) {
    return scientific
        .replaceFirst("\\.?0+e", "e")
        .replaceFirst("e([+-])0", "e$1")
        .replace("e+", "e");
  }
}
