package org.lcsc.cli.drawing;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import org.lcsc.image.Png;
import org.lcsc.io.AtomicFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Draws pixels, two for a point, on white ground. A Java without fonts, as in many containers,
 * draws all but the words. Not thread-safe.
 */
public final class ImageCanvas implements Canvas {

  private static final Logger LOG = LoggerFactory.getLogger(ImageCanvas.class);
  private static final int SCALE = 2;

  private final BufferedImage image;
  private final Graphics2D graphics;
  private boolean fonts = true;

  /** An empty picture. */
  public ImageCanvas(int width, int height) {
    this(width, height, 0);
  }

  /**
   * An empty picture with a margin around it.
   *
   * @param margin in points, on each side
   */
  public ImageCanvas(int width, int height, int margin) {
    image =
        new BufferedImage(
            SCALE * (width + 2 * margin),
            SCALE * (height + 2 * margin),
            BufferedImage.TYPE_INT_RGB);
    graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.scale(SCALE, SCALE);
    graphics.translate(margin, margin);
  }

  /** The picture; nothing can be drawn afterwards. */
  public BufferedImage finish() {
    graphics.dispose();
    return image;
  }

  /**
   * Writes the picture as PNG; nothing can be drawn afterwards.
   *
   * @param file appears whole or not at all
   */
  public void write(Path file) throws IOException {
    BufferedImage finished = finish();
    AtomicFiles.write(file, out -> Png.write(finished, out));
  }

  @Override
  public void polygon(double[][] corners, Color fill, Color stroke, double width) {
    Path2D path = new Path2D.Double();
    path.moveTo(corners[0][0], corners[0][1]);
    for (int i = 1; i < corners.length; i++) {
      path.lineTo(corners[i][0], corners[i][1]);
    }
    path.closePath();
    paint(path, fill, stroke, width);
  }

  @Override
  public void circle(double x, double y, double radius, Color fill, Color stroke, double width) {
    paint(
        new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius), fill, stroke, width);
  }

  @Override
  public void line(double x1, double y1, double x2, double y2, Color color, double width) {
    paint(new Line2D.Double(x1, y1, x2, y2), null, color, width);
  }

  private void paint(Shape shape, Color fill, Color stroke, double width) {
    if (fill != null) {
      fill(shape, fill);
    }
    if (stroke != null) {
      draw(
          shape,
          stroke,
          new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    }
  }

  /** Fills any shape. */
  public void fill(Shape shape, Color color) {
    graphics.setColor(color);
    graphics.fill(shape);
  }

  /** Draws the outline of any shape. */
  public void draw(Shape shape, Color color, Stroke stroke) {
    graphics.setColor(color);
    graphics.setStroke(stroke);
    graphics.draw(shape);
  }

  @Override
  public void text(double x, double y, String text, double size, Anchor anchor, Color color) {
    text(x, y, text, Font.PLAIN, size, anchor, color);
  }

  /** A text on its base line, of a style of {@link Font}. */
  public void text(
      double x, double y, String text, int style, double size, Anchor anchor, Color color) {
    if (!fonts) {
      return;
    }
    try {
      graphics.setFont(new Font(Font.SANS_SERIF, style, 1).deriveFont((float) size));
      double width = graphics.getFontMetrics().getStringBounds(text, graphics).getWidth();
      double shift =
          switch (anchor) {
            case START -> 0;
            case MIDDLE -> width / 2;
            case END -> width;
          };
      graphics.setColor(color);
      graphics.drawString(text, (float) (x - shift), (float) y);
    } catch (LinkageError | InternalError | RuntimeException e) {
      fonts = false;
      LOG.warn("no words in the plots: this Java finds no fonts ({})", e.toString());
    }
  }

  @Override
  public void upward(double x, double y, String text, double size, Color color) {
    graphics.translate(x, y);
    graphics.rotate(-Math.PI / 2);
    text(0, 0, text, size, Anchor.MIDDLE, color);
    graphics.rotate(Math.PI / 2);
    graphics.translate(-x, -y);
  }

  @Override
  public void image(BufferedImage picture, double x, double y, double width, double height) {
    graphics.drawImage(
        picture,
        (int) Math.round(x),
        (int) Math.round(y),
        (int) Math.round(width),
        (int) Math.round(height),
        null);
  }
}
