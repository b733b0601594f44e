package org.lcsc.cli.output;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * A table for a terminal or a Markdown file. A column whose every cell is a number (or a dash for
 * none) is aligned to the right. Not thread-safe.
 */
public final class TextTable {

  private static final Pattern NUMBER =
      Pattern.compile("[-+]?[0-9][0-9,]*(\\.[0-9]+)?([eE][-+]?[0-9]+)?( ?(%|s|x|[kMGT]i?B?|B))?");

  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();

  /** A file's name may hold whatever ends a line. */
  private static final Pattern LINE_END = Pattern.compile("[\\p{Cntrl}\\u0085\\u2028\\u2029]+");

  private static final Pattern MARKUP = Pattern.compile("[\\\\|<&*_`]");

  /** A table with the given column titles. */
  public TextTable(String... header) {
    this.header = Arrays.stream(header).map(TextTable::onOneLine).toList();
  }

  /**
   * Adds a row.
   *
   * @param cells one per column; null is shown as a dash
   * @return this table
   */
  public TextTable row(Object... cells) {
    if (cells.length != header.size()) {
      throw new IllegalArgumentException(
          "row of " + cells.length + " cells, must have " + header.size());
    }
    rows.add(Arrays.stream(cells).map(c -> c == null ? "-" : onOneLine(c.toString())).toList());
    return this;
  }

  /** Aligned columns under their titles, two spaces apart. */
  public String toText() {
    StringBuilder text = new StringBuilder();
    int[] widths = widths(UnaryOperator.identity());
    line(text, header, widths, "", "  ", "");
    line(text, Arrays.stream(widths).mapToObj("-"::repeat).toList(), widths, "", "  ", "");
    rows.forEach(row -> line(text, row, widths, "", "  ", ""));
    return text.toString();
  }

  /** A Markdown table, aligned in its source too. */
  public String toMarkdown() {
    StringBuilder text = new StringBuilder();
    UnaryOperator<String> escape = TextTable::escaped;
    int[] widths = widths(escape);
    List<String> rules = new ArrayList<>();
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(3, widths[i]);
      rules.add(isNumeric(i) ? "-".repeat(widths[i] - 1) + ":" : "-".repeat(widths[i]));
    }
    line(text, header.stream().map(escape).toList(), widths, "| ", " | ", " |");
    line(text, rules, widths, "| ", " | ", " |");
    rows.forEach(row -> line(text, row.stream().map(escape).toList(), widths, "| ", " | ", " |"));
    return text.toString();
  }

  /** A text as Markdown shows it: what would be a tag, an entity or markup is no more. */
  public static String escaped(String text) {
    return MARKUP.matcher(onOneLine(text)).replaceAll("\\\\$0");
  }

  private static String onOneLine(String text) {
    return LINE_END.matcher(text).replaceAll(" ");
  }

  /** As {@link #toText()}. */
  @Override
  public String toString() {
    return toText();
  }

  private void line(
      StringBuilder text, List<String> cells, int[] widths, String left, String gap, String right) {
    StringBuilder line = new StringBuilder(left);
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - cells.get(i).length());
      line.append(i == 0 ? "" : gap);
      line.append(isNumeric(i) ? padding + cells.get(i) : cells.get(i) + padding);
    }
    text.append(line.append(right).toString().stripTrailing()).append('\n');
  }

  private int[] widths(UnaryOperator<String> form) {
    int[] widths = header.stream().map(form).mapToInt(String::length).toArray();
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], form.apply(row.get(i)).length());
      }
    }
    return widths;
  }

  private boolean isNumeric(int column) {
    return !rows.isEmpty()
        && rows.stream()
            .map(row -> row.get(column))
            .allMatch(
                cell -> cell.equals("-") || cell.equals("NaN") || NUMBER.matcher(cell).matches());
  }
}
