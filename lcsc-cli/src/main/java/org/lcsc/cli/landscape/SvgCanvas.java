package org.lcsc.cli.landscape;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;

/** Writes SVG 1.1; pictures are embedded as PNG. */
final class SvgCanvas implements Canvas {

  private final StringBuilder out = new StringBuilder();

  SvgCanvas(int width, int height) {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\""
            + " xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"%d\" height=\"%d\""
            + " viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">",
        width, height, width, height);
    rectangle(0, 0, width, height, Color.WHITE);
  }

  /** The document; nothing can be drawn afterwards. */
  String finish() {
    return out.append("</svg>\n").toString();
  }

  @Override
  public void polygon(double[][] corners, Color fill, Color stroke, double width) {
    String points =
        Arrays.stream(corners)
            .map(c -> String.format(Locale.ROOT, "%.2f,%.2f", c[0], c[1]))
            .collect(Collectors.joining(" "));
    add("<polygon points=\"%s\" %s/>", points, style(fill, stroke, width));
  }

  @Override
  public void circle(double x, double y, double radius, Color fill, Color stroke, double width) {
    add(
        "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%.2f\" %s/>",
        x, y, radius, style(fill, stroke, width));
  }

  @Override
  public void line(double x1, double y1, double x2, double y2, Color color, double width) {
    add(
        "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke-linecap=\"round\" %s/>",
        x1, y1, x2, y2, style(null, color, width));
  }

  @Override
  public void text(double x, double y, String text, double size, Anchor anchor, Color color) {
    add(
        "<text x=\"%.2f\" y=\"%.2f\" font-size=\"%.1f\" text-anchor=\"%s\" %s>%s</text>",
        x, y, size, anchor.name().toLowerCase(Locale.ROOT), style(color, null, 0), escape(text));
  }

  @Override
  public void upward(double x, double y, String text, double size, Color color) {
    add(
        "<text transform=\"translate(%.2f %.2f) rotate(-90)\" font-size=\"%.1f\""
            + " text-anchor=\"middle\" %s>%s</text>",
        x, y, size, style(color, null, 0), escape(text));
  }

  @Override
  public void image(BufferedImage image, double x, double y, double width, double height) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    add(
        "<image x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" preserveAspectRatio=\"none\""
            + " xlink:href=\"data:image/png;base64,%s\"/>",
        x, y, width, height, Base64.getEncoder().encodeToString(png.toByteArray()));
  }

  private void add(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String style(Color fill, Color stroke, double width) {
    return "fill=\""
        + paint(fill)
        + "\""
        + opacity("fill", fill)
        + (stroke == null
            ? ""
            : String.format(
                Locale.ROOT,
                " stroke=\"%s\"%s stroke-width=\"%.2f\" stroke-linejoin=\"round\"",
                paint(stroke),
                opacity("stroke", stroke),
                width));
  }

  private static String paint(Color color) {
    return color == null
        ? "none"
        : String.format("#%02x%02x%02x", color.getRed(), color.getGreen(), color.getBlue());
  }

  private static String opacity(String of, Color color) {
    return color == null || color.getAlpha() == 255
        ? ""
        : String.format(Locale.ROOT, " %s-opacity=\"%.2f\"", of, color.getAlpha() / 255.0);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
