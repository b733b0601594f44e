package org.lcsc.cli.report.chart;

import java.util.Locale;

/**
 * Writes drawings as SVG. Colours are variables of a style sheet, so that one picture serves light
 * and dark ground.
 *
 * <p>Thread-safe: it has no state.
 */
public final class SvgWriter {

  private static final String FONTS =
      "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";

  private SvgWriter() {}

  /** The style sheet that pictures within a page need. */
  public static String styleSheet() {
    return ":root{"
        + Tone.variables(false)
        + "}\n@media (prefers-color-scheme:dark){:root{"
        + Tone.variables(true)
        + "}}\n"
        + "@media print{:root{"
        + Tone.variables(false)
        + "}}\n"
        + "svg.chart text{"
        + FONTS
        + ";font-variant-numeric:tabular-nums}\n"
        + Tone.rules();
  }

  /**
   * A picture within a page that has the {@link #styleSheet}.
   *
   * @param id unique in the page: letters, digits, hyphens
   * @param kind further classes of the element, or empty
   */
  public static String inline(Drawing drawing, String id, String kind) {
    return write(drawing, id, "chart" + (kind.isEmpty() ? "" : " " + kind), "");
  }

  /** A picture as a file of its own, on white or dark ground as the reader prefers. */
  public static String file(Drawing drawing) {
    String style =
        "<style>\nsvg{background:#fff;"
            + Tone.variables(false)
            + "}\n@media (prefers-color-scheme:dark){svg{background:#15181c;"
            + Tone.variables(true)
            + "}}\ntext{"
            + FONTS
            + "}\n"
            + Tone.rules()
            + "</style>\n";
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + write(drawing, "chart", "chart", style);
  }

  private static String write(Drawing drawing, String id, String classes, String style) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"%s\" viewBox=\"0 0 %d %d\""
                + " width=\"%d\" height=\"%d\" role=\"img\" aria-labelledby=\"%s-t %s-d\">\n",
            classes,
            drawing.width(),
            drawing.height(),
            drawing.width(),
            drawing.height(),
            id,
            id));
    svg.append("<title id=\"").append(id).append("-t\">");
    svg.append(escape(drawing.title())).append("</title>\n<desc id=\"").append(id);
    svg.append("-d\">").append(escape(drawing.description())).append("</desc>\n").append(style);
    drawing.marks().forEach(mark -> mark(svg, mark));
    return svg.append("</svg>\n").toString();
  }

  private static void mark(StringBuilder svg, Mark mark) {
    if (mark instanceof Mark.Line line) {
      svg.append("<path class=\"s-").append(line.tone().css()).append("\" stroke-width=\"");
      svg.append(number(line.width())).append('"');
      if (line.dashed()) {
        svg.append(" stroke-dasharray=\"5 4\"");
      }
      svg.append(" stroke-linejoin=\"round\" d=\"");
      path(svg, line.xs(), line.ys());
      svg.append("\"/>\n");
    } else if (mark instanceof Mark.Area area) {
      svg.append("<path class=\"f-").append(area.tone().css()).append("\" fill-opacity=\"");
      svg.append(number(area.opacity())).append("\" d=\"");
      path(svg, area.xs(), area.ys());
      svg.append("Z\"/>\n");
    } else if (mark instanceof Mark.Dot dot) {
      dot(svg, dot);
    } else if (mark instanceof Mark.Text text) {
      text(svg, text);
    }
  }

  private static void dot(StringBuilder svg, Mark.Dot dot) {
    double[][] corners = Mark.corners(dot);
    String tone = "class=\"f-" + dot.tone().css() + "\" ";
    if (corners == null) {
      svg.append("<circle ").append(tone).append("cx=\"").append(number(dot.x()));
      svg.append("\" cy=\"").append(number(dot.y()));
      svg.append("\" r=\"").append(number(dot.radius())).append("\"/>\n");
      return;
    }
    svg.append("<path ").append(tone).append("d=\"");
    path(svg, corners[0], corners[1]);
    svg.append("Z\"/>\n");
  }

  private static void text(StringBuilder svg, Mark.Text text) {
    svg.append("<text class=\"t-").append(text.tone().css()).append("\" x=\"");
    svg.append(number(text.x())).append("\" y=\"").append(number(text.y()));
    svg.append("\" font-size=\"").append(number(text.size())).append('"');
    if (text.bold()) {
      svg.append(" font-weight=\"600\"");
    }
    if (text.anchor() != Mark.Anchor.START) {
      svg.append(" text-anchor=\"");
      svg.append(text.anchor().name().toLowerCase(Locale.ROOT)).append('"');
    }
    svg.append('>').append(escape(text.text())).append("</text>\n");
  }

  private static void path(StringBuilder svg, double[] xs, double[] ys) {
    boolean pen = false;
    for (int i = 0; i < xs.length; i++) {
      if (Double.isNaN(xs[i]) || Double.isNaN(ys[i])) {
        pen = false;
        continue;
      }
      svg.append(pen ? 'L' : 'M').append(number(xs[i])).append(' ').append(number(ys[i]));
      pen = true;
    }
  }

  /** At most two decimals. */
  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.replaceFirst("\\.?0+$", "").replaceFirst("^-0$", "0");
  }

  /** A text within XML. */
  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
