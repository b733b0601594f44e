package org.lcsc.cli.report.chart;

import org.lcsc.cli.drawing.Anchor;

/** One thing that is drawn; coordinates in pixels from the top left. */
sealed interface Mark {

  /**
   * A line through points; a NaN ends a part of it.
   *
   * @param width in pixels
   */
  record Line(double[] xs, double[] ys, Tone tone, double width, boolean dashed) implements Mark {}

  /**
   * A filled polygon.
   *
   * @param opacity 0 to 1
   */
  record Area(double[] xs, double[] ys, Tone tone, double opacity) implements Mark {}

  /**
   * A point.
   *
   * @param radius in pixels
   */
  record Dot(double x, double y, double radius, Series.Shape shape, Tone tone) implements Mark {}

  /**
   * Words.
   *
   * @param y of the base line
   * @param size of the font in pixels
   */
  record Text(double x, double y, String text, Anchor anchor, double size, boolean bold, Tone tone)
      implements Mark {}

  /** Words in the usual size. */
  static Text text(double x, double y, String text, Anchor anchor, Tone tone) {
    return new Text(x, y, text, anchor, ChartLayout.FONT, false, tone);
  }

  /** The title above a picture. */
  static Text title(String title) {
    return new Text(0, 16, title, Anchor.START, ChartLayout.FONT + 2, true, Tone.INK);
  }

  /** A horizontal or vertical line. */
  static Line line(double x1, double y1, double x2, double y2, Tone tone, double width) {
    return new Line(new double[] {x1, x2}, new double[] {y1, y2}, tone, width, false);
  }

  /** A rectangle. */
  static Area box(double x, double y, double width, double height, Tone tone, double opacity) {
    return new Area(
        new double[] {x, x + width, x + width, x},
        new double[] {y, y, y + height, y + height},
        tone,
        opacity);
  }

  /** The corners of a point's shape, {@code [2][corners]}; null for a circle. */
  static double[][] corners(Dot dot) {
    double r = dot.radius();
    double[][] unit =
        switch (dot.shape()) {
          case CIRCLE -> null;
          case SQUARE -> new double[][] {{-.9, .9, .9, -.9}, {-.9, -.9, .9, .9}};
          case TRIANGLE -> new double[][] {{0, 1.1, -1.1}, {-1.2, .8, .8}};
          case DIAMOND -> new double[][] {{0, 1.2, 0, -1.2}, {-1.2, 0, 1.2, 0}};
        };
    if (unit == null) {
      return null;
    }
    for (int i = 0; i < unit[0].length; i++) {
      unit[0][i] = dot.x() + r * unit[0][i];
      unit[1][i] = dot.y() + r * unit[1][i];
    }
    return unit;
  }
}
