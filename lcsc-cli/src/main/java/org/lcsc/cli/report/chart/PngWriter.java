package org.lcsc.cli.report.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.lcsc.files.AtomicFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes drawings as PNG, on white ground, at twice their size.
 *
 * <p>Thread-safe: it has no state.
 */
public final class PngWriter {

  private static final Logger LOG = LoggerFactory.getLogger(PngWriter.class);
  private static final int SCALE = 2;
  private static final int MARGIN = 10;

  private PngWriter() {}

  /**
   * Writes a file.
   *
   * @param file appears whole or not at all
   */
  public static void write(Drawing drawing, Path file) throws IOException {
    BufferedImage image = paint(drawing);
    AtomicFiles.write(
        file,
        out -> {
          if (!ImageIO.write(image, "png", out)) {
            throw new IOException("this Java has no PNG writer");
          }
        });
  }

  /** The picture with a margin. A Java without fonts paints all but the words. */
  static BufferedImage paint(Drawing drawing) {
    BufferedImage image =
        new BufferedImage(
            SCALE * (drawing.width() + 2 * MARGIN),
            SCALE * (drawing.height() + 2 * MARGIN),
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      graphics.scale(SCALE, SCALE);
      graphics.translate(MARGIN, MARGIN);
      boolean words = true;
      for (Mark mark : drawing.marks()) {
        if (mark instanceof Mark.Text text) {
          words = words && text(graphics, text);
        } else {
          shape(graphics, mark);
        }
      }
    } finally {
      graphics.dispose();
    }
    return image;
  }

  private static void shape(Graphics2D graphics, Mark mark) {
    if (mark instanceof Mark.Line line) {
      graphics.setColor(Color.decode(line.tone().light()));
      graphics.setStroke(
          new BasicStroke(
              (float) line.width(),
              BasicStroke.CAP_BUTT,
              BasicStroke.JOIN_ROUND,
              1,
              line.dashed() ? new float[] {5, 4} : null,
              0));
      graphics.draw(path(line.xs(), line.ys()));
    } else if (mark instanceof Mark.Area area) {
      Color color = Color.decode(area.tone().light());
      int alpha = (int) Math.round(255 * area.opacity());
      graphics.setColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), alpha));
      Path2D path = path(area.xs(), area.ys());
      path.closePath();
      graphics.fill(path);
    } else if (mark instanceof Mark.Dot dot) {
      graphics.setColor(Color.decode(dot.tone().light()));
      double[][] corners = Mark.corners(dot);
      double r = dot.radius();
      if (corners == null) {
        graphics.fill(new Ellipse2D.Double(dot.x() - r, dot.y() - r, 2 * r, 2 * r));
      } else {
        Path2D path = path(corners[0], corners[1]);
        path.closePath();
        graphics.fill(path);
      }
    }
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

  /** Whether this Java can paint words. */
  private static boolean text(Graphics2D graphics, Mark.Text text) {
    try {
      Font font = new Font(Font.SANS_SERIF, text.bold() ? Font.BOLD : Font.PLAIN, 1);
      graphics.setFont(font.deriveFont((float) text.size()));
      graphics.setColor(Color.decode(text.tone().lightText()));
      double width = graphics.getFontMetrics().getStringBounds(text.text(), graphics).getWidth();
      double x =
          switch (text.anchor()) {
            case START -> text.x();
            case MIDDLE -> text.x() - width / 2;
            case END -> text.x() - width;
          };
      graphics.drawString(text.text(), (float) x, (float) text.y());
      return true;
    } catch (LinkageError | InternalError | RuntimeException e) {
      LOG.warn("no words in the plots: this Java finds no fonts ({})", e.toString());
      return false;
    }
  }
}
