package org.lcsc.cli.report.chart;

import static org.lcsc.io.Text.format;

import java.util.ArrayList;
import java.util.List;
import org.lcsc.cli.drawing.Anchor;

/**
 * Horizontal bars of parts that add up.
 *
 * @param name short, for file names and references
 * @param title what it shows
 * @param description what can be seen in it, in words
 * @param axis what the lengths measure, with the unit
 * @param parts names of the parts, in order
 * @param tones a colour for each part
 * @param bars at least one
 */
public record BarChart(
    String name,
    String title,
    String description,
    String axis,
    List<String> parts,
    List<Tone> tones,
    List<Bar> bars)
    implements Plot {

  private static final int BAR = 22;
  private static final int ROW = 34;
  private static final double FONT = ChartLayout.FONT;

  /**
   * A bar.
   *
   * @param label what it is of
   * @param values length of each part, at least 0
   */
  public record Bar(String label, double[] values) {

    double total() {
      double sum = 0;
      for (double value : values) {
        sum += value;
      }
      return sum;
    }
  }

  public BarChart {
    parts = List.copyOf(parts);
    tones = List.copyOf(tones);
    bars = List.copyOf(bars);
    for (Bar bar : bars) {
      if (bar.values().length != parts.size() || tones.size() != parts.size()) {
        throw new IllegalArgumentException(
            format(
                "bar %s needs a value and a colour for each of %d parts, got %d and %d",
                bar.label(), parts.size(), bar.values().length, tones.size()));
      }
    }
  }

  @Override
  public Drawing draw(int width, boolean titled) {
    List<Mark> marks = new ArrayList<>();
    double top = 2;
    if (titled) {
      marks.add(Mark.title(title));
      top += 28;
    }
    top = legend(marks, top, width);
    double left = 0;
    double longest = 0;
    for (Bar bar : bars) {
      left = Math.max(left, TextWidth.of(bar.label(), FONT) + 8);
      longest = Math.max(longest, bar.total());
    }
    double right = width - 20;
    Scale scale =
        Scale.of(Axis.Kind.LINEAR, 0, longest, (int) Math.max(2, (right - left) / 80), false);
    double bottom = top + ROW * bars.size();
    for (double tick : scale.ticks()) {
      double x = left + scale.position(tick) * (right - left);
      marks.add(Mark.line(x, top, x, bottom, Tone.GRID, 1));
      marks.add(Mark.text(x, bottom + 16, Numbers.inFull(tick), Anchor.MIDDLE, Tone.GREY));
    }
    for (int i = 0; i < bars.size(); i++) {
      bar(marks, bars.get(i), top + ROW * i + 6, left, right - left, scale);
    }
    marks.add(Mark.text((left + right) / 2, bottom + 34, axis, Anchor.MIDDLE, Tone.GREY));
    return new Drawing(width, (int) Math.ceil(bottom + 40), title, description, marks);
  }

  private void bar(List<Mark> marks, Bar bar, double top, double left, double length, Scale scale) {
    marks.add(Mark.text(left - 8, top + BAR / 2.0 + 4, bar.label(), Anchor.END, Tone.INK));
    double sum = 0;
    for (int i = 0; i < parts.size(); i++) {
      double from = left + scale.position(sum) * length;
      sum += bar.values()[i];
      double to = left + scale.position(sum) * length;
      marks.add(Mark.box(from, top, to - from, BAR, tones.get(i), 1));
    }
  }

  private double legend(List<Mark> marks, double top, int width) {
    double x = 0;
    double y = top + FONT;
    for (int i = 0; i < parts.size(); i++) {
      double needed = TextWidth.of(parts.get(i), FONT) + 30;
      if (x > 0 && x + needed > width) {
        x = 0;
        y += 18;
      }
      marks.add(Mark.box(x, y - 10, 12, 12, tones.get(i), 1));
      marks.add(Mark.text(x + 18, y, parts.get(i), Anchor.START, tones.get(i)));
      x += needed + 4;
    }
    return y + 12;
  }
}
