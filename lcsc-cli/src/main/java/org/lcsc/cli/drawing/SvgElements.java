package org.lcsc.cli.drawing;

import static org.lcsc.io.Text.format;

import java.util.Locale;

/**
 * Elements of an SVG document, one a line. How an element is painted is given as attributes: the
 * class of a style sheet, or the colours themselves. Not thread-safe.
 */
public final class SvgElements {

  private final StringBuilder out = new StringBuilder();

  /** Markup as it is. */
  public SvgElements raw(String markup) {
    out.append(markup);
    return this;
  }

  /**
   * Lines through points; a NaN ends a part of them.
   *
   * @param paint attributes
   * @param closed whether a line leads back to the first point
   */
  public void path(String paint, double[] xs, double[] ys, boolean closed) {
    out.append("<path ").append(paint).append(" d=\"");
    boolean pen = false;
    for (int i = 0; i < xs.length; i++) {
      if (Double.isNaN(xs[i]) || Double.isNaN(ys[i])) {
        pen = false;
        continue;
      }
      out.append(pen ? 'L' : 'M').append(number(xs[i])).append(' ').append(number(ys[i]));
      pen = true;
    }
    out.append(closed ? "Z" : "").append("\"/>\n");
  }

  /**
   * A circle.
   *
   * @param paint attributes
   */
  public void circle(String paint, double x, double y, double radius) {
    out.append("<circle ").append(paint);
    attribute("cx", number(x));
    attribute("cy", number(y));
    attribute("r", number(radius));
    out.append("/>\n");
  }

  /**
   * A text on its base line.
   *
   * @param paint attributes
   */
  public void text(String paint, double x, double y, String text, double size, Anchor anchor) {
    out.append("<text ").append(paint);
    attribute("x", number(x));
    attribute("y", number(y));
    words(text, size, anchor);
  }

  /**
   * A text that reads upward, with its middle at the point.
   *
   * @param paint attributes
   */
  public void upward(String paint, double x, double y, String text, double size) {
    out.append("<text ").append(paint);
    attribute("transform", "translate(" + number(x) + " " + number(y) + ") rotate(-90)");
    words(text, size, Anchor.MIDDLE);
  }

  private void words(String text, double size, Anchor anchor) {
    attribute("font-size", number(size));
    if (anchor != Anchor.START) {
      attribute("text-anchor", anchor.name().toLowerCase(Locale.ROOT));
    }
    out.append('>').append(escape(text)).append("</text>\n");
  }

  private void attribute(String name, String value) {
    out.append(' ').append(name).append("=\"").append(value).append('"');
  }

  /** At most two decimals. */
  public static String number(double value) {
    String text = format("%.2f", value);
    return text.replaceFirst("\\.?0+$", "").replaceFirst("^-0$", "0");
  }

  /** A text within XML. */
  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** The elements so far. */
  @Override
  public String toString() {
    return out.toString();
  }
}
