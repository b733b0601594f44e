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

  /** As many decimal digits a number has without the dust of binary arithmetic. */
  static final int DIGITS = 14;

  private Numbers() {}

  /**
   * A number with at most 4 significant digits, but whole numbers in full and those from 1,000 on
   * with one decimal: {@code 2,500}, {@code 0.0012}, {@code 16.97}, {@code 3.6e-8}; with a minus
   * sign, not a hyphen.
   *
   * @return a dash where it is not finite
   */
  public static String text(double value) {
    return text(value, 4);
  }

  /**
   * A round number, such as a tick of an axis, with all its digits: as {@link #text}, but without
   * rounding, so that ticks close to each other differ.
   */
  public static String inFull(double value) {
    return text(value, DIGITS);
  }

  private static String text(double value, int significant) {
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
      digits = trim(format("%." + (significant - 1) + "e", size));
    } else if (size >= 1000) {
      int decimals = significant - 1 - (int) Math.log10(size);
      digits =
          decimals < 2
              ? format("%,.1f", size)
              : format("%,." + decimals + "f", size).replaceFirst("0+$", "");
    } else {
      digits =
          new BigDecimal(size)
              .round(new MathContext(significant, RoundingMode.HALF_EVEN))
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
