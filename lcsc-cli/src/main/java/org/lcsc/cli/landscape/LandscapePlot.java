package org.lcsc.cli.landscape;

import static org.lcsc.io.Text.format;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lcsc.cli.drawing.Anchor;
import org.lcsc.cli.drawing.Canvas;
import org.lcsc.cli.drawing.ImageCanvas;
import org.lcsc.cli.drawing.SvgCanvas;
import org.lcsc.cli.landscape.Landscape.Kind;
import org.lcsc.cli.landscape.Landscape.Marker;
import org.lcsc.cli.report.chart.Axis;
import org.lcsc.cli.report.chart.Numbers;
import org.lcsc.cli.report.chart.Scale;
import org.lcsc.io.AtomicFiles;

/**
 * Draws a landscape as a heat map with contour lines, colour bar and marked models, as PNG and SVG.
 * Between the scored points, which are dotted, colours and lines are interpolated.
 *
 * <p>Not thread-safe.
 */
public final class LandscapePlot {

  private static final int WIDTH = 760;
  private static final int LEFT = 70;
  private static final int TOP = 58;
  private static final int MAP = 540;
  private static final int LINE = 19;

  /** Steps that there is room for along each side. */
  private static final int TICKS = 6;

  private static final Color INK = new Color(0x222222);
  private static final Color SOFT = new Color(0x555555);
  private static final Color HALO = new Color(255, 255, 255, 215);

  /** Pixels of the heat map along each side of a cell between four scored points. */
  private static final int FINE = 16;

  private final Landscape landscape;
  private final String title;
  private final ScoreColours colours;
  private final double[][] scaled;
  private final int columns;
  private final int rows;

  /**
   * A plot.
   *
   * @param title the first line
   */
  public LandscapePlot(Landscape landscape, String title) {
    this.landscape = landscape;
    this.title = title;
    this.colours = new ScoreColours(landscape.finite());
    this.rows = landscape.scores().length;
    this.columns = landscape.scores()[0].length;
    this.scaled = new double[rows][columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        scaled[row][column] = colours.scaled(landscape.scores()[row][column]);
      }
    }
  }

  /** Writes a PNG; it appears whole or not at all. */
  public void writePng(Path file) throws IOException {
    ImageCanvas canvas = new ImageCanvas(WIDTH, height());
    draw(canvas);
    canvas.write(file);
  }

  /** Writes an SVG; it appears whole or not at all. */
  public void writeSvg(Path file) throws IOException {
    AtomicFiles.writeString(file, svg());
  }

  /** The SVG document. */
  String svg() {
    SvgCanvas canvas = new SvgCanvas(WIDTH, height());
    draw(canvas);
    return canvas.finish();
  }

  private int height() {
    return TOP + MAP + 66 + LINE * (landscape.markers().size() + 2);
  }

  private void draw(Canvas canvas) {
    canvas.text(LEFT, 24, title, 16, Anchor.START, INK);
    canvas.text(
        LEFT,
        44,
        format(
            "FID of %,d samples from noise seed %d, %d x %d models: \u03b8\u2080 + x (\u03b8\u2081"
                + " \u2212 \u03b8\u2080) + y (\u03b8\u2082 \u2212 \u03b8\u2080)",
            landscape.samples(), landscape.seed(), columns, rows),
        12,
        Anchor.START,
        SOFT);
    canvas.image(heat(), LEFT, TOP, MAP, MAP);
    contours(canvas);
    points(canvas);
    axes(canvas);
    colourBar(canvas);
    List<Plane.Projection> corners =
        landscape.markers().stream().filter(m -> m.kind() == Kind.CORNER).map(Marker::at).toList();
    if (corners.stream().allMatch(at -> landscape.range().contains(at.x(), at.y()))) {
      double[][] triangle =
          corners.stream()
              .map(at -> new double[] {px(at.x()), py(at.y())})
              .toArray(double[][]::new);
      canvas.polygon(triangle, null, HALO, 1.2);
    }
    legend(canvas);
  }

  private double px(double x) {
    Range r = landscape.range();
    return LEFT + MAP * (x - r.x0()) / (r.x1() - r.x0());
  }

  private double py(double y) {
    Range r = landscape.range();
    return TOP + MAP * (r.y1() - y) / (r.y1() - r.y0());
  }

  /** Column of the grid to the canvas. */
  private double cx(double column) {
    return LEFT + MAP * column / (columns - 1);
  }

  /** Row of the grid to the canvas. */
  private double cy(double row) {
    return TOP + MAP - MAP * row / (rows - 1);
  }

  private BufferedImage heat() {
    int width = FINE * (columns - 1);
    int height = FINE * (rows - 1);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double value = interpolated((height - y - 0.5) / FINE, (x + 0.5) / FINE);
        image.setRGB(x, y, colours.colour(value).getRGB());
      }
    }
    return image;
  }

  private double interpolated(double row, double column) {
    int r = Math.min(rows - 2, (int) row);
    int c = Math.min(columns - 2, (int) column);
    double v = row - r;
    double u = column - c;
    return (1 - v) * ((1 - u) * scaled[r][c] + u * scaled[r][c + 1])
        + v * ((1 - u) * scaled[r + 1][c] + u * scaled[r + 1][c + 1]);
  }

  private void contours(Canvas canvas) {
    List<double[]> labelled = new ArrayList<>();
    for (double level : colours.levels()) {
      boolean dark = colours.position(colours.scaled(level)) > 0.5;
      Color line = dark ? new Color(255, 255, 255, 170) : new Color(0, 0, 0, 150);
      double[] best = null;
      double room = 0;
      for (double[] s : Contours.of(scaled, colours.scaled(level))) {
        canvas.line(cx(s[0]), cy(s[1]), cx(s[2]), cy(s[3]), line, 0.9);
        double[] middle = {cx((s[0] + s[2]) / 2), cy((s[1] + s[3]) / 2)};
        double here = room(middle, labelled);
        if (here > room) {
          room = here;
          best = middle;
        }
      }
      if (best != null && room > 18) {
        labelled.add(best);
        String text = Numbers.inFull(level);
        double width = 6.2 * text.length() + 6;
        canvas.rectangle(best[0] - width / 2, best[1] - 7, width, 14, HALO, null, 0);
        canvas.text(best[0], best[1] + 4, text, 10.5, Anchor.MIDDLE, INK);
      }
    }
  }

  /** Free space around a contour's label: to the other labels, the markers and the frame. */
  private double room(double[] at, List<double[]> labelled) {
    double room = 60;
    for (double[] other : labelled) {
      room = Math.min(room, Math.hypot(at[0] - other[0], at[1] - other[1]));
    }
    for (Marker marker : landscape.markers()) {
      double x = px(marker.at().x()) - at[0];
      double y = py(marker.at().y()) - at[1];
      room = Math.min(room, Math.hypot(x, y));
    }
    double frame =
        Math.min(
            Math.min(at[0] - LEFT, LEFT + MAP - at[0]), Math.min(at[1] - TOP, TOP + MAP - at[1]));
    return Math.min(room, 1.2 * frame);
  }

  private void points(Canvas canvas) {
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        canvas.circle(cx(column), cy(row), 0.9, new Color(0, 0, 0, 110), null, 0);
      }
    }
  }

  private void axes(Canvas canvas) {
    canvas.rectangle(LEFT, TOP, MAP, MAP, null, INK, 1);
    Range r = landscape.range();
    for (double x : ticks(r.x0(), r.x1())) {
      canvas.line(px(x), TOP + MAP, px(x), TOP + MAP + 5, INK, 1);
      canvas.text(px(x), TOP + MAP + 18, Numbers.inFull(x), 12, Anchor.MIDDLE, INK);
    }
    for (double y : ticks(r.y0(), r.y1())) {
      canvas.line(LEFT - 5, py(y), LEFT, py(y), INK, 1);
      canvas.text(LEFT - 8, py(y) + 4, Numbers.inFull(y), 12, Anchor.END, INK);
    }
    List<String> names = landscape.corners().labels();
    canvas.text(
        LEFT + MAP / 2.0,
        TOP + MAP + 37,
        "x: from " + names.get(0) + " to " + names.get(1),
        12.5,
        Anchor.MIDDLE,
        INK);
    canvas.upward(
        22, TOP + MAP / 2.0, "y: from " + names.get(0) + " to " + names.get(2), 12.5, INK);
  }

  private static List<Double> ticks(double from, double to) {
    return Scale.of(Axis.Kind.LINEAR, from, to, TICKS, false).ticks();
  }

  private void colourBar(Canvas canvas) {
    int x = LEFT + MAP + 34;
    int steps = 256;
    BufferedImage bar = new BufferedImage(1, steps, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < steps; i++) {
      double position = 1 - (i + 0.5) / steps;
      bar.setRGB(0, i, colours.colour(colours.scaled(colours.at(position))).getRGB());
    }
    canvas.image(bar, x, TOP, 20, MAP);
    canvas.rectangle(x, TOP, 20, MAP, null, INK, 1);
    List<Double> marks = new ArrayList<>(colours.levels());
    int levels = marks.size();
    marks.add(colours.low());
    marks.add(colours.high());
    List<Double> drawn = new ArrayList<>();
    // The ends first: a level too close to one gives way.
    for (int i = marks.size() - 1; i >= 0; i--) {
      double y = TOP + MAP * (1 - colours.position(colours.scaled(marks.get(i))));
      if (drawn.stream().allMatch(other -> Math.abs(other - y) > 13)) {
        drawn.add(y);
        canvas.line(x + 20, y, x + 25, y, INK, 1);
        String text = i < levels ? Numbers.inFull(marks.get(i)) : score(marks.get(i));
        canvas.text(x + 29, y + 4, text, 12, Anchor.START, INK);
      }
    }
    canvas.text(x + 10, TOP - 8, "FID", 12.5, Anchor.MIDDLE, INK);
  }

  private void legend(Canvas canvas) {
    double y = TOP + MAP + 66;
    int number = 0;
    int corner = 0;
    for (Marker marker : landscape.markers()) {
      String sign =
          switch (marker.kind()) {
            case CORNER -> String.valueOf(corner++);
            case EMA -> String.valueOf((char) ('a' + number++));
            case LCSC -> "";
          };
      boolean inside = landscape.range().contains(marker.at().x(), marker.at().y());
      if (inside) {
        symbol(canvas, marker.kind(), sign, px(marker.at().x()), py(marker.at().y()));
      }
      symbol(canvas, marker.kind(), sign, LEFT + 8, y - 4);
      canvas.text(LEFT + 24, y, describe(marker, inside), 12.5, Anchor.START, INK);
      y += LINE;
    }
    double[] best = landscape.best();
    if (Double.isFinite(best[2])) {
      cross(canvas, px(best[0]), py(best[1]));
      cross(canvas, LEFT + 8, y - 4);
      canvas.text(
          LEFT + 24,
          y,
          format(
              "best model of the grid: FID %s at (%.2f, %.2f)", precise(best[2]), best[0], best[1]),
          12.5,
          Anchor.START,
          INK);
    }
  }

  private static String describe(Marker marker, boolean inside) {
    String own = marker.label() + ": FID " + precise(marker.score());
    if (marker.kind() == Kind.CORNER) {
      return own;
    }
    if (marker.at().onPlane()) {
      return own + ", on the plane";
    }
    return own
        + format(
            ", shown at its projection%s; it lies %.2f of the longer edge off the plane",
            inside ? "" : format(" (%.1f, %.1f), outside", marker.at().x(), marker.at().y()),
            marker.at().distance());
  }

  private static void symbol(Canvas canvas, Kind kind, String sign, double x, double y) {
    switch (kind) {
      case CORNER -> {
        canvas.rectangle(x - 7, y - 7, 14, 14, Color.WHITE, INK, 1.3);
        canvas.text(x, y + 4, sign, 11, Anchor.MIDDLE, INK);
      }
      case EMA -> {
        canvas.circle(x, y, 7.5, Color.WHITE, INK, 1.3);
        canvas.text(x, y + 3.5, sign, 11, Anchor.MIDDLE, INK);
      }
      case LCSC -> canvas.polygon(star(x, y), new Color(0xd55e00), Color.WHITE, 1.2);
    }
  }

  private static double[][] star(double x, double y) {
    double[][] corners = new double[10][];
    for (int i = 0; i < corners.length; i++) {
      double radius = i % 2 == 0 ? 10 : 4.2;
      double angle = Math.PI * i / 5 - Math.PI / 2;
      corners[i] = new double[] {x + radius * Math.cos(angle), y + radius * Math.sin(angle)};
    }
    return corners;
  }

  private static void cross(Canvas canvas, double x, double y) {
    for (double width : new double[] {4, 1.8}) {
      Color color = width > 2 ? Color.WHITE : INK;
      canvas.line(x - 5, y - 5, x + 5, y + 5, color, width);
      canvas.line(x - 5, y + 5, x + 5, y - 5, color, width);
    }
  }

  /** Two digits after the point, of small scores more. */
  private static String precise(double value) {
    return Double.isFinite(value) ? Numbers.score(value) : "none";
  }

  /** As few digits as a value needs. */
  private static String score(double value) {
    if (!Double.isFinite(value)) {
      return "none";
    }
    if (Math.abs(value) < 0.1) {
      return Numbers.text(value);
    }
    String text = format(value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
  }
}
