package org.lcsc.cli.report.chart;

import static org.lcsc.io.Text.format;

import org.lcsc.cli.drawing.SvgElements;

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
    return format(
        ":root{%s}\n"
            + "@media (prefers-color-scheme:dark){:root{%s}}\n"
            + "@media print{:root{%s}}\n"
            + "svg.chart text{%s;font-variant-numeric:tabular-nums}\n"
            + "%s",
        Tone.variables(false), Tone.variables(true), Tone.variables(false), FONTS, Tone.rules());
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
        format(
            "<style>\n"
                + "svg{background:#fff;%s}\n"
                + "@media (prefers-color-scheme:dark){svg{background:#15181c;%s}}\n"
                + "text{%s}\n"
                + "%s</style>\n",
            Tone.variables(false), Tone.variables(true), FONTS, Tone.rules());
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + write(drawing, "chart", "chart", style);
  }

  private static String write(Drawing drawing, String id, String classes, String style) {
    SvgElements svg = new SvgElements();
    svg.raw(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"%s\" viewBox=\"0 0 %d %d\""
                + " width=\"%d\" height=\"%d\" role=\"img\" aria-labelledby=\"%s-t %s-d\">\n",
            classes, drawing.width(), drawing.height(), drawing.width(), drawing.height(), id, id));
    svg.raw("<title id=\"" + id + "-t\">" + SvgElements.escape(drawing.title()) + "</title>\n");
    svg.raw("<desc id=\"" + id + "-d\">" + SvgElements.escape(drawing.description()));
    svg.raw("</desc>\n").raw(style);
    drawing.marks().forEach(mark -> mark(svg, mark));
    return svg.raw("</svg>\n").toString();
  }

  private static void mark(SvgElements svg, Mark mark) {
    if (mark instanceof Mark.Line line) {
      String paint =
          format(
              "class=\"s-%s\" stroke-width=\"%s\"%s stroke-linejoin=\"round\"",
              line.tone().css(),
              SvgElements.number(line.width()),
              line.dashed() ? " stroke-dasharray=\"5 4\"" : "");
      svg.path(paint, line.xs(), line.ys(), false);
    } else if (mark instanceof Mark.Area area) {
      String opacity = " fill-opacity=\"" + SvgElements.number(area.opacity()) + "\"";
      svg.path(filled(area.tone()) + opacity, area.xs(), area.ys(), true);
    } else if (mark instanceof Mark.Dot dot) {
      double[][] corners = Mark.corners(dot);
      if (corners == null) {
        svg.circle(filled(dot.tone()), dot.x(), dot.y(), dot.radius());
      } else {
        svg.path(filled(dot.tone()), corners[0], corners[1], true);
      }
    } else if (mark instanceof Mark.Text text) {
      String weight = text.bold() ? " font-weight=\"600\"" : "";
      svg.text(
          "class=\"t-" + text.tone().css() + "\"" + weight,
          text.x(),
          text.y(),
          text.text(),
          text.size(),
          text.anchor());
    }
  }

  private static String filled(Tone tone) {
    return "class=\"f-" + tone.css() + "\"";
  }
}
