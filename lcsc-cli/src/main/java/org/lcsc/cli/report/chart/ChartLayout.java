package org.lcsc.cli.report.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import org.lcsc.cli.drawing.Anchor;
import org.lcsc.io.Refuse;

/**
 * Turns a chart into a drawing of a given width. Not thread-safe.
 *
 * @param chart what is drawn
 * @param width in pixels
 * @param marks receives the drawing
 */
record ChartLayout(Chart chart, int width, List<Mark> marks) {

  static final double FONT = 12;
  private static final int TICK = 4;
  private static final int BOTTOM = 40;
  private static final int GAP = 14;
  private static final int ROW = 17;

  /** Pixels that a tick of the horizontal axis needs at least. */
  private static final int TICK_ROOM = 70;

  /**
   * Draws a chart.
   *
   * @param width in pixels, at least 240
   * @param titled whether the title is part of the picture
   */
  static Drawing draw(Chart chart, int width, boolean titled) {
    Refuse.argument(width < 240, "width of a chart must be at least 240, got %s", width);
    return new ChartLayout(chart, width, new ArrayList<>()).drawing(titled);
  }

  private Drawing drawing(boolean titled) {
    List<Scale> scales = chart.panels().stream().map(this::verticalScale).toList();
    double left = 10;
    for (Scale scale : scales) {
      for (double tick : scale.ticks()) {
        left = Math.max(left, TextWidth.of(Numbers.inFull(tick), FONT) + TICK + 6);
      }
    }
    double right = width - Math.min(width * 0.36, endLabelRoom());
    Scale x = horizontalScale(right - left);
    double top = 2;
    if (titled) {
      marks.add(Mark.title(chart.title()));
      top += 28;
    }
    for (int i = 0; i < chart.panels().size(); i++) {
      Panel panel = chart.panels().get(i);
      boolean last = i == chart.panels().size() - 1;
      top = header(panel, top);
      Field field = new Field(left, right, top);
      new PanelPainter(panel, x, scales.get(i), field, marks).paint();
      top += panel.height();
      ticks(x, field, top, last);
      top += last ? BOTTOM : GAP;
    }
    return new Drawing(width, (int) Math.ceil(top), chart.title(), chart.description(), marks);
  }

  /** Where a panel's field is, in pixels. */
  record Field(double left, double right, double top) {}

  private Scale verticalScale(Panel panel) {
    DoubleSummaryStatistics range = new DoubleSummaryStatistics();
    for (Layer layer : panel.layers()) {
      if (layer instanceof Series series) {
        add(range, series.ys());
        if (series.look().style() == Series.Style.STEMS) {
          add(range, 0);
        }
      } else if (layer instanceof Layer.Band band) {
        add(range, band.lower());
        add(range, band.upper());
      }
    }
    int count = Math.max(2, panel.height() / 45);
    return Scale.of(panel.y().kind(), range.getMin(), range.getMax(), count, true);
  }

  private Scale horizontalScale(double length) {
    DoubleSummaryStatistics range = new DoubleSummaryStatistics();
    for (Panel panel : chart.panels()) {
      for (Layer layer : panel.layers()) {
        if (layer instanceof Series series) {
          add(range, series.xs());
        } else if (layer instanceof Layer.Band band) {
          add(range, band.xs());
        } else if (layer instanceof Layer.Span span) {
          add(range, span.from());
          add(range, span.to());
        }
      }
    }
    int count = (int) Math.max(2, length / TICK_ROOM);
    return Scale.of(chart.x().kind(), range.getMin(), range.getMax(), count, false);
  }

  private double endLabelRoom() {
    double room = 20;
    for (Panel panel : chart.panels()) {
      for (Series series : panel.series()) {
        if (series.look().label() == Series.Label.END) {
          room = Math.max(room, TextWidth.of(series.name(), FONT) + 14);
        }
      }
    }
    return room;
  }

  /** The vertical axis' label and the legend, above the panel; the bottom of them. */
  private double header(Panel panel, double top) {
    double y = top + FONT + 2;
    marks.add(Mark.text(0, y, panel.y().label(), Anchor.START, Tone.GREY));
    double at = TextWidth.of(panel.y().label(), FONT) + 22;
    for (Layer layer : panel.layers()) {
      String name = legend(layer);
      if (name == null) {
        continue;
      }
      double needed = TextWidth.of(name, FONT) + 30;
      if (at > 0 && at + needed > width) {
        at = 0;
        y += ROW;
      }
      swatch(layer, at, y - 4);
      marks.add(Mark.text(at + 20, y, name, Anchor.START, tone(layer)));
      at += needed + 8;
    }
    return y + 10;
  }

  private static String legend(Layer layer) {
    if (layer instanceof Series series && series.look().label() == Series.Label.LEGEND) {
      return series.name();
    }
    return layer instanceof Layer.Band band && !band.name().isEmpty() ? band.name() : null;
  }

  private static Tone tone(Layer layer) {
    return layer instanceof Series series ? series.look().tone() : ((Layer.Band) layer).tone();
  }

  private void swatch(Layer layer, double at, double y) {
    if (layer instanceof Layer.Band band) {
      marks.add(Mark.box(at, y - 5, 14, 10, band.tone(), PanelPainter.BAND_OPACITY));
      return;
    }
    Series series = (Series) layer;
    Series.Look look = series.look();
    if (look.style() != Series.Style.DOTS) {
      marks.add(
          new Mark.Line(
              new double[] {at, at + 14}, new double[] {y, y}, look.tone(), 2, look.dashed()));
    }
    if (look.style() != Series.Style.LINE && look.style() != Series.Style.STEPS) {
      marks.add(new Mark.Dot(at + 7, y, PanelPainter.RADIUS, look.shape(), look.tone()));
    }
  }

  private void ticks(Scale x, Field field, double bottom, boolean labelled) {
    marks.add(Mark.line(field.left(), bottom, field.right(), bottom, Tone.GREY, 1));
    for (double tick : x.ticks()) {
      double at = field.left() + x.position(tick) * (field.right() - field.left());
      marks.add(Mark.line(at, bottom, at, bottom + TICK, Tone.GREY, 1));
      if (labelled) {
        marks.add(
            Mark.text(
                at, bottom + TICK + FONT + 1, Numbers.inFull(tick), Anchor.MIDDLE, Tone.GREY));
      }
    }
    if (labelled) {
      marks.add(
          Mark.text(
              (field.left() + field.right()) / 2,
              bottom + BOTTOM - 6,
              chart.x().label(),
              Anchor.MIDDLE,
              Tone.GREY));
    }
  }

  private static void add(DoubleSummaryStatistics range, double... values) {
    Arrays.stream(values).filter(Double::isFinite).forEach(range);
  }
}
