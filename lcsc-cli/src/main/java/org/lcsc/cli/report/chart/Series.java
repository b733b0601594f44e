package org.lcsc.cli.report.chart;

import static org.lcsc.io.Text.format;

/**
 * Points with a name.
 *
 * @param name in the legend and the table
 * @param xs ascending
 * @param ys as many; those that are not finite are left out
 * @param look how it is drawn
 */
public record Series(String name, double[] xs, double[] ys, Look look) implements Layer {

  /** How points are joined. */
  public enum Style {
    /** A line. */
    LINE,
    /** A line with its points. */
    LINE_AND_DOTS,
    /** Each value holds until the next. */
    STEPS,
    /** Points alone. */
    DOTS,
    /** A vertical line from zero to each point. */
    STEMS
  }

  /** Form of a point, so that series differ by more than colour. */
  public enum Shape {
    CIRCLE,
    SQUARE,
    TRIANGLE,
    DIAMOND;

    /** The form of a series by its number, from 0; they begin again after the last. */
    public static Shape of(int series) {
      return values()[series % values().length];
    }
  }

  /** Where the name stands. */
  public enum Label {
    /** Beside the last point. */
    END,
    /** Above the panel. */
    LEGEND,
    /** Nowhere but in the table. */
    NONE
  }

  /** How a series is drawn. */
  public record Look(Tone tone, Style style, Shape shape, Label label, boolean dashed) {

    /** A line with its name at its end. */
    public static Look line(Tone tone) {
      return new Look(tone, Style.LINE, Shape.CIRCLE, Label.END, false);
    }

    /** A line with points, its name at its end. */
    public static Look dotted(Tone tone, Shape shape) {
      return new Look(tone, Style.LINE_AND_DOTS, shape, Label.END, false);
    }

    /** The same in another style. */
    public Look as(Style style) {
      return new Look(tone, style, shape, label, dashed);
    }

    /** The same with its name elsewhere. */
    public Look labelled(Label label) {
      return new Look(tone, style, shape, label, dashed);
    }

    /** The same with a dashed line. */
    public Look withDashes() {
      return new Look(tone, style, shape, label, true);
    }

    /** The same with points of another shape. */
    public Look shaped(Shape shape) {
      return new Look(tone, style, shape, label, dashed);
    }
  }

  public Series {
    if (xs.length != ys.length) {
      throw new IllegalArgumentException(
          format("series %s needs one y per x, got %d for %d", name, ys.length, xs.length));
    }
  }
}
