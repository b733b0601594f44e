package org.lcsc.cli.drawing;

import static org.lcsc.io.Text.format;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import org.lcsc.image.Png;

/** Writes SVG 1.1; pictures are embedded as PNG. Not thread-safe. */
public final class SvgCanvas implements Canvas {

  private final SvgElements elements = new SvgElements();

  /** An empty picture on white ground. */
  public SvgCanvas(int width, int height) {
    elements.raw(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\""
                + " xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"%d\" height=\"%d\""
                + " viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">\n",
            width, height, width, height));
    rectangle(0, 0, width, height, Color.WHITE, null, 0);
  }

  /** The document; nothing can be drawn afterwards. */
  public String finish() {
    return elements.raw("</svg>\n").toString();
  }

  @Override
  public void polygon(double[][] corners, Color fill, Color stroke, double width) {
    elements.path(
        paint(fill, stroke, width),
        Arrays.stream(corners).mapToDouble(corner -> corner[0]).toArray(),
        Arrays.stream(corners).mapToDouble(corner -> corner[1]).toArray(),
        true);
  }

  @Override
  public void circle(double x, double y, double radius, Color fill, Color stroke, double width) {
    elements.circle(paint(fill, stroke, width), x, y, radius);
  }

  @Override
  public void line(double x1, double y1, double x2, double y2, Color color, double width) {
    elements.path(
        paint(null, color, width) + " stroke-linecap=\"round\"",
        new double[] {x1, x2},
        new double[] {y1, y2},
        false);
  }

  @Override
  public void text(double x, double y, String text, double size, Anchor anchor, Color color) {
    elements.text(paint(color, null, 0), x, y, text, size, anchor);
  }

  @Override
  public void upward(double x, double y, String text, double size, Color color) {
    elements.upward(paint(color, null, 0), x, y, text, size);
  }

  @Override
  public void image(BufferedImage image, double x, double y, double width, double height) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      Png.write(image, png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    elements.raw(
        format(
            "<image x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" preserveAspectRatio=\"none\""
                + " xlink:href=\"data:image/png;base64,%s\"/>\n",
            SvgElements.number(x),
            SvgElements.number(y),
            SvgElements.number(width),
            SvgElements.number(height),
            Base64.getEncoder().encodeToString(png.toByteArray())));
  }

  /** The attributes for filling and outlining; either colour may be null. */
  private static String paint(Color fill, Color stroke, double width) {
    return color("fill", fill)
        + (stroke == null
            ? ""
            : format(
                " %s stroke-width=\"%s\" stroke-linejoin=\"round\"",
                color("stroke", stroke), SvgElements.number(width)));
  }

  private static String color(String of, Color color) {
    if (color == null) {
      return of + "=\"none\"";
    }
    String opaque =
        format("%s=\"#%02x%02x%02x\"", of, color.getRed(), color.getGreen(), color.getBlue());
    return color.getAlpha() == 255
        ? opaque
        : format("%s %s-opacity=\"%s\"", opaque, of, SvgElements.number(color.getAlpha() / 255.0));
  }
}
