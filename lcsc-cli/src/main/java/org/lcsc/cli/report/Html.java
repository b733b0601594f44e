package org.lcsc.cli.report;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.lcsc.cli.drawing.SvgElements;
import org.lcsc.cli.report.chart.Chart;
import org.lcsc.cli.report.chart.Numbers;
import org.lcsc.cli.report.chart.Plot;
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

  /** A plot in both widths with its caption, what can be seen in it, and a chart's numbers. */
  Html figure(Plot plot, String caption) {
    String id = prefix + "-plot-" + plot.name();
    raw("<figure id=\"" + id + "\">\n");
    raw(SvgWriter.inline(plot.draw(WIDE, false), id + "-wide", "wide"));
    raw(SvgWriter.inline(plot.draw(NARROW, false), id + "-narrow", "narrow"));
    caption(caption + " " + plot.description()).raw("\n");
    if (plot instanceof Chart chart) {
      numbers(chart.table());
    }
    return raw("</figure>\n");
  }

  private void numbers(Chart.Table table) {
    raw("<details><summary>The numbers</summary>\n");
    open(table.titles());
    for (double[] row : table.rows()) {
      row("", Arrays.stream(row).mapToObj(n -> Double.isNaN(n) ? "" : Numbers.text(n)).toList());
    }
    close().raw("</details>");
  }

  private Html caption(String caption) {
    return raw("<figcaption>" + escape(caption) + "</figcaption>");
  }

  /** A picture with its caption. */
  Html picture(RunData.Picture picture, String caption) {
    raw("<figure><img class=\"samples\" alt=\"" + escape(caption));
    raw("\" src=\"data:image/png;base64," + Base64.getEncoder().encodeToString(picture.png()));
    return raw("\">").caption(caption).raw("</figure>\n");
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

  /** Terms with their meaning. */
  Html terms(Map<String, String> terms) {
    raw("<dl>\n");
    terms.forEach(
        (term, meaning) ->
            raw("<div><dt>" + escape(term) + "</dt><dd>" + escape(meaning) + "</dd></div>\n"));
    return raw("</dl>\n");
  }

  /** A text as it is, shown on demand. */
  Html preformatted(String summary, String content) {
    return raw("<details><summary>" + escape(summary) + "</summary><pre>")
        .raw(escape(content) + "</pre></details>");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
