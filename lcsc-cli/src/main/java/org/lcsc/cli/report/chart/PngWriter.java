package org.lcsc.cli.report.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Path2D;
import java.io.IOException;
import java.nio.file.Path;
import org.lcsc.cli.drawing.ImageCanvas;

/**
 * Writes drawings as PNG, on white ground, at twice their size.
 *
 * <p>Thread-safe: it has no state.
 */
public final class PngWriter {

  private static final int MARGIN = 10;

  private PngWriter() {}

  /**
   * Writes a file.
   *
   * @param file appears whole or not at all
   */
  public static void write(Drawing drawing, Path file) throws IOException {
    paint(drawing).write(file);
  }

  /** The picture with a margin. */
  static ImageCanvas paint(Drawing drawing) {
    ImageCanvas canvas = new ImageCanvas(drawing.width(), drawing.height(), MARGIN);
    drawing.marks().forEach(mark -> paint(canvas, mark));
    return canvas;
  }

  private static void paint(ImageCanvas canvas, Mark mark) {
    if (mark instanceof Mark.Line line) {
      canvas.draw(
          path(line.xs(), line.ys()),
          Color.decode(line.tone().light()),
          new BasicStroke(
              (float) line.width(),
              BasicStroke.CAP_BUTT,
              BasicStroke.JOIN_ROUND,
              1,
              line.dashed() ? new float[] {5, 4} : null,
              0));
    } else if (mark instanceof Mark.Area area) {
      Color color = Color.decode(area.tone().light());
      int alpha = (int) Math.round(255 * area.opacity());
      canvas.fill(
          closed(area.xs(), area.ys()),
          new Color(color.getRed(), color.getGreen(), color.getBlue(), alpha));
    } else if (mark instanceof Mark.Dot dot) {
      Color color = Color.decode(dot.tone().light());
      double[][] corners = Mark.corners(dot);
      if (corners == null) {
        canvas.circle(dot.x(), dot.y(), dot.radius(), color, null, 0);
      } else {
        canvas.fill(closed(corners[0], corners[1]), color);
      }
    } else if (mark instanceof Mark.Text text) {
      canvas.text(
          text.x(),
          text.y(),
          text.text(),
          text.bold() ? Font.BOLD : Font.PLAIN,
          text.size(),
          text.anchor(),
          Color.decode(text.tone().lightText()));
    }
  }

  private static Path2D closed(double[] xs, double[] ys) {
    Path2D path = path(xs, ys);
    path.closePath();
    return path;
  }

  private static Path2D path(double[] xs, double[] ys) {
    Path2D path = new Path2D.Double();
    boolean pen = false;
    for (int i = 0; i < xs.length; i++) {
      boolean finite = !Double.isNaN(xs[i]) && !Double.isNaN(ys[i]);
      if (finite && pen) {
        path.lineTo(xs[i], ys[i]);
      } else if (finite) {
        path.moveTo(xs[i], ys[i]);
      }
      pen = finite;
    }
    return path;
  }
}
