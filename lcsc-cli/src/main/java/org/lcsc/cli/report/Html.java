package org.lcsc.cli.report;

import java.util.Base64;
import java.util.List;
import org.lcsc.cli.drawing.SvgElements;
import org.lcsc.cli.report.chart.BarChart;
import org.lcsc.cli.report.chart.Chart;
import org.lcsc.cli.report.chart.ChartLayout;
import org.lcsc.cli.report.chart.Drawing;
import org.lcsc.cli.report.chart.Numbers;
import org.lcsc.cli.report.chart.SvgWriter;

/** Parts of a page. Not thread-safe. */
final class Html {

  /** Widths of plots, for wide and for narrow screens. */
  static final int WIDE = 760;

  private static final int NARROW = 346;

  private final StringBuilder text = new StringBuilder();
  private final String prefix;

  /**
   * A part.
   *
   * @param prefix of the ids in it: letters, digits, hyphens
   */
  Html(String prefix) {
    this.prefix = prefix;
  }

  static String escape(String text) {
    return SvgElements.escape(text);
  }

  /** Markup as it is. */
  Html raw(String markup) {
    text.append(markup);
    return this;
  }

  /** A heading. */
  Html heading(int level, String title) {
    String id =
        prefix + "-" + title.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return raw("<h" + level + " id=\"" + id + "\">" + escape(title) + "</h" + level + ">\n");
  }

  /** A paragraph of words. */
  Html paragraph(String words) {
    return raw("<p>" + escape(words) + "</p>\n");
  }

  /** A chart in both widths with its caption, what can be seen in it, and its numbers. */
  Html figure(Chart chart, String caption) {
    drawings(
        chart.name(), ChartLayout.draw(chart, WIDE, false), ChartLayout.draw(chart, NARROW, false));
    caption(caption, chart.description());
    Chart.Table table = chart.table();
    raw("<details><summary>The numbers</summary>\n");
    open(table.titles());
    for (double[] row : table.rows()) {
      raw("<tr>");
      for (int i = 0; i < row.length; i++) {
        raw(i == 0 ? "<th scope=\"row\">" : "<td>");
        raw(Double.isNaN(row[i]) ? "" : Numbers.text(row[i]));
        raw(i == 0 ? "</th>" : "</td>");
      }
      raw("</tr>\n");
    }
    return close().raw("</details></figure>\n");
  }

  /** A bar chart in both widths with its caption; its numbers are a table of the page. */
  Html figure(BarChart chart, String caption) {
    drawings(chart.name(), chart.draw(WIDE, false), chart.draw(NARROW, false));
    return caption(caption, chart.description()).raw("</figure>\n");
  }

  private void drawings(String name, Drawing wide, Drawing narrow) {
    raw("<figure id=\"" + prefix + "-plot-" + name + "\">\n");
    raw(SvgWriter.inline(wide, prefix + "-plot-" + name + "-wide", "wide"));
    raw(SvgWriter.inline(narrow, prefix + "-plot-" + name + "-narrow", "narrow"));
  }

  private Html caption(String caption, String seen) {
    return raw("<figcaption>" + escape(caption) + " " + escape(seen) + "</figcaption>\n");
  }

  /** A picture with its caption. */
  Html picture(RunData.Picture picture, String caption) {
    return raw("<figure><img class=\"samples\" alt=\""
            + escape(caption)
            + "\" src=\"data:image/png;base64,")
        .raw(Base64.getEncoder().encodeToString(picture.png()))
        .raw("\"><figcaption>" + escape(caption) + "</figcaption></figure>\n");
  }

  /** Begins a table that scrolls by itself where it is too wide. */
  Html open(List<String> titles) {
    raw("<div class=\"table\"><table><thead><tr>");
    titles.forEach(title -> raw("<th scope=\"col\">" + escape(title) + "</th>"));
    return raw("</tr></thead><tbody>\n");
  }

  /** A row; the first cell is its heading. */
  Html row(String css, List<String> cells) {
    raw(css.isEmpty() ? "<tr>" : "<tr class=\"" + css + "\">");
    for (int i = 0; i < cells.size(); i++) {
      String tag = i == 0 ? "th" : "td";
      raw("<" + tag + (i == 0 ? " scope=\"row\"" : "") + ">" + escape(cells.get(i)));
      raw("</" + tag + ">");
    }
    return raw("</tr>\n");
  }

  /** Ends a table. */
  Html close() {
    return raw("</tbody></table></div>\n");
  }

  /** Terms with their meaning: pairs. */
  Html terms(List<String[]> pairs) {
    raw("<dl>\n");
    pairs.forEach(
        pair ->
            raw("<div><dt>" + escape(pair[0]) + "</dt><dd>" + escape(pair[1]) + "</dd></div>\n"));
    return raw("</dl>\n");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
