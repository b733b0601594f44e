package org.lcsc.cli.landscape;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Draws pixels, two for a point. */
final class ImageCanvas implements Canvas {

  private static final Logger LOG = LoggerFactory.getLogger(ImageCanvas.class);
  private static final int SCALE = 2;

  private final BufferedImage image;
  private final Graphics2D graphics;
  private boolean fonts = true;

  ImageCanvas(int width, int height) {
    image = new BufferedImage(SCALE * width, SCALE * height, BufferedImage.TYPE_INT_RGB);
    graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.scale(SCALE, SCALE);
  }

  /** The picture; nothing can be drawn afterwards. */
  BufferedImage finish() {
    graphics.dispose();
    return image;
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
      graphics.setColor(fill);
      graphics.fill(shape);
    }
    if (stroke != null) {
      graphics.setColor(stroke);
      graphics.setStroke(
          new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
      graphics.draw(shape);
    }
  }

  @Override
  public void text(double x, double y, String text, double size, Anchor anchor, Color color) {
    // A Java runtime without fonts, as in many containers, draws the rest all the same.
    if (!fonts) {
      return;
    }
    try {
      graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont((float) size));
      double width = graphics.getFontMetrics().getStringBounds(text, graphics).getWidth();
      double shift = anchor == Anchor.START ? 0 : anchor == Anchor.MIDDLE ? width / 2 : width;
      graphics.setColor(color);
      graphics.drawString(text, (float) (x - shift), (float) y);
    } catch (LinkageError | InternalError | RuntimeException e) {
      fonts = false;
      LOG.warn("no labels: this Java finds no fonts ({})", e.toString());
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
