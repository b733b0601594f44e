package org.lcsc.experiment.output;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lcsc.io.TextFiles;

/**
 * Reads the CSV files that {@link CsvWriter} writes.
 *
 * <p>Not thread-safe.
 */
public final class CsvReader {

  private static final int MAX_BYTES = 1 << 30;

  private final String text;
  private int at;

  private CsvReader(String text) {
    this.text = text;
  }

  /**
   * All rows, the titles first. A last row without its line end was cut off in the midst of writing
   * and is left out.
   *
   * @throws IOException if the file cannot be read, or a row has another number of cells than the
   *     titles
   */
  public static List<List<String>> rows(Path file) throws IOException {
    CsvReader reader = new CsvReader(TextFiles.read(file, MAX_BYTES));
    List<List<String>> rows = new ArrayList<>();
    for (List<String> row = reader.row(); row != null; row = reader.row()) {
      if (!rows.isEmpty() && row.size() != rows.get(0).size()) {
        throw new IOException(
            format(
                "%s: row %s has %s cells, expected %s",
                file, rows.size() + 1, row.size(), rows.get(0).size()));
      }
      rows.add(row);
    }
    return rows;
  }

  /** The next row, null at the end of the text or where the row is cut off. */
  private List<String> row() {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"' && quoted && at < text.length() && text.charAt(at) == '"') {
        cell.append(c);
        at++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == ',' || c == '\n')) {
        cells.add(cell.toString());
        cell.setLength(0);
        if (c == '\n') {
          return cells;
        }
      } else if (quoted || c != '\r') {
        cell.append(c);
      }
    }
    return null;
  }
}
