package org.lcsc.cli.report.chart;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.lcsc.cli.drawing.Anchor;

/** Draws what is within one panel of a chart. */
record PanelPainter(Panel panel, Scale x, Scale y, ChartLayout.Field field, List<Mark> marks) {

  static final double BAND_OPACITY = 0.18;
  static final double RADIUS = 3.4;

  /** More points than this are drawn small. */
  private static final int MANY = 60;

  private static final double LABEL_ROOM = 14;

  void paint() {
    panel.layers().stream()
        .filter(Layer.Span.class::isInstance)
        .forEach(layer -> span((Layer.Span) layer));
    grid();
    for (Layer layer : panel.layers()) {
      if (layer instanceof Series series) {
        series(series);
      } else if (layer instanceof Layer.Band band) {
        band(band);
      }
    }
    endLabels();
  }

  private double across(double value) {
    return field.left() + x.position(value) * (field.right() - field.left());
  }

  private double down(double value) {
    // A value below a logarithmic axis stands at its foot.
    double position = y.isLog() && value <= y.min() ? 0 : y.position(value);
    return field.top() + (1 - position) * panel.height();
  }

  private void grid() {
    for (double tick : y.ticks()) {
      double at = down(tick);
      boolean zero = tick == 0 && y.min() < 0;
      marks.add(Mark.line(field.left(), at, field.right(), at, zero ? Tone.GREY : Tone.GRID, 1));
      marks.add(Mark.text(field.left() - 6, at + 4, Numbers.inFull(tick), Anchor.END, Tone.GREY));
    }
  }

  private void span(Layer.Span span) {
    double from = across(span.from());
    double to = across(span.to());
    marks.add(Mark.box(from, field.top(), to - from, panel.height(), Tone.GRID, 0.55));
    double y = field.top() + 14;
    boolean within = TextWidth.of(span.name(), ChartLayout.FONT) + 12 <= to - from;
    // At its end, since curves that fall are high at its start.
    marks.add(
        Mark.text(
            within ? to - 6 : to + 6,
            y,
            span.name(),
            within ? Anchor.END : Anchor.START,
            Tone.GREY));
  }

  private void band(Layer.Band band) {
    int size = band.xs().length;
    double[] xs = new double[2 * size];
    double[] ys = new double[2 * size];
    for (int i = 0; i < size; i++) {
      xs[i] = across(band.xs()[i]);
      ys[i] = down(band.upper()[i]);
      xs[2 * size - 1 - i] = xs[i];
      ys[2 * size - 1 - i] = down(band.lower()[i]);
    }
    marks.add(new Mark.Area(xs, ys, band.tone(), BAND_OPACITY));
  }

  private void series(Series series) {
    Series.Look look = series.look();
    switch (look.style()) {
      case LINE -> {
        marks.add(line(series, false));
        dots(series, true);
      }
      case STEPS -> {
        marks.add(line(series, true));
        dots(series, true);
      }
      case LINE_AND_DOTS -> {
        marks.add(line(series, false));
        dots(series, false);
      }
      case DOTS -> dots(series, false);
      case STEMS -> {
        stems(series);
        dots(series, false);
      }
    }
  }

  private Mark line(Series series, boolean steps) {
    List<double[]> points = new ArrayList<>();
    double before = Double.NaN;
    for (int i = 0; i < series.xs().length; i++) {
      double value = series.ys()[i];
      if (!Double.isFinite(value)) {
        points.add(new double[] {Double.NaN, Double.NaN});
        before = Double.NaN;
        continue;
      }
      double at = across(series.xs()[i]);
      if (steps && Double.isFinite(before)) {
        points.add(new double[] {at, down(before)});
      }
      points.add(new double[] {at, down(value)});
      before = value;
    }
    return new Mark.Line(
        points.stream().mapToDouble(p -> p[0]).toArray(),
        points.stream().mapToDouble(p -> p[1]).toArray(),
        series.look().tone(),
        2,
        series.look().dashed());
  }

  /**
   * Marks the points.
   *
   * @param alone only those that no line leads to
   */
  private void dots(Series series, boolean alone) {
    double radius = series.xs().length > MANY ? RADIUS * 0.62 : RADIUS;
    for (int i = 0; i < series.xs().length; i++) {
      boolean joined = isFinite(series, i - 1) || isFinite(series, i + 1);
      if (isFinite(series, i) && !(alone && joined)) {
        marks.add(
            new Mark.Dot(
                across(series.xs()[i]),
                down(series.ys()[i]),
                radius,
                series.look().shape(),
                series.look().tone()));
      }
    }
  }

  private static boolean isFinite(Series series, int i) {
    return i >= 0 && i < series.ys().length && Double.isFinite(series.ys()[i]);
  }

  private void stems(Series series) {
    double[] xs = new double[3 * series.xs().length];
    double[] ys = new double[xs.length];
    for (int i = 0; i < series.xs().length; i++) {
      double value = series.ys()[i];
      xs[3 * i] = across(series.xs()[i]);
      xs[3 * i + 1] = xs[3 * i];
      xs[3 * i + 2] = Double.NaN;
      ys[3 * i] = Double.isFinite(value) ? down(0) : Double.NaN;
      ys[3 * i + 1] = Double.isFinite(value) ? down(value) : Double.NaN;
      ys[3 * i + 2] = Double.NaN;
    }
    marks.add(new Mark.Line(xs, ys, series.look().tone(), 1.4, false));
  }

  /** Names beside the last points, pushed apart where they would overlap. */
  private void endLabels() {
    record End(String name, Tone tone, double at) {}
    List<End> ends = new ArrayList<>();
    for (Series series : panel.series()) {
      if (series.look().label() == Series.Label.END) {
        for (int i = series.ys().length - 1; i >= 0; i--) {
          if (Double.isFinite(series.ys()[i])) {
            ends.add(new End(series.name(), series.look().tone(), down(series.ys()[i])));
            break;
          }
        }
      }
    }
    ends.sort(Comparator.comparingDouble(End::at));
    double[] at = new double[ends.size()];
    double lowest = field.top() + 6;
    for (int i = 0; i < at.length; i++) {
      at[i] = Math.max(ends.get(i).at(), lowest);
      lowest = at[i] + LABEL_ROOM;
    }
    double highest = field.top() + panel.height();
    for (int i = at.length - 1; i >= 0; i--) {
      at[i] = Math.min(at[i], highest);
      highest = at[i] - LABEL_ROOM;
    }
    for (int i = 0; i < at.length; i++) {
      End end = ends.get(i);
      marks.add(Mark.text(field.right() + 8, at[i] + 4, end.name(), Anchor.START, end.tone()));
    }
  }
}
