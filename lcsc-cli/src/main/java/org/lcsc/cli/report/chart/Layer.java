package org.lcsc.cli.report.chart;

import static org.lcsc.io.Text.format;

/** One of the things shown in a {@link Panel}. */
public sealed interface Layer permits Series, Layer.Band, Layer.Span {

  /**
   * A spread around a line.
   *
   * @param name in the legend and the table
   * @param xs ascending
   * @param lower as many as xs
   * @param upper as many as xs
   */
  record Band(String name, double[] xs, double[] lower, double[] upper, Tone tone)
      implements Layer {

    public Band {
      if (lower.length != xs.length || upper.length != xs.length) {
        throw new IllegalArgumentException(
            format(
                "band %s needs one lower and one upper value per x, got %d and %d for %d",
                name, lower.length, upper.length, xs.length));
      }
    }
  }

  /** A part of the horizontal axis, shaded, with its name. */
  record Span(String name, double from, double to) implements Layer {}
}
