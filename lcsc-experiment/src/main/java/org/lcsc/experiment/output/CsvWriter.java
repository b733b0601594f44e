package org.lcsc.experiment.output;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.io.function.IOPredicate;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Refuse;

/**
 * A CSV file (RFC 4180, UTF-8, line feeds) that grows row by row. Every row reaches the operating
 * system before {@link #row} returns, so a killed process loses none of them; a row cut off by a
 * crash of the machine is dropped when the file is resumed. Not thread-safe.
 */
public final class CsvWriter implements AutoCloseable {

  private final Path file;
  private final int columns;
  private final Writer out;

  private CsvWriter(Path file, int columns, Writer out) {
    this.file = file;
    this.columns = columns;
    this.out = out;
  }

  /**
   * Writes a file, whole or not at all.
   *
   * @param columns titles
   * @param rows one cell per column
   */
  public static void write(Path file, List<String> columns, List<Object[]> rows)
      throws IOException {
    AtomicFiles.writeFile(
        file,
        fresh -> {
          try (CsvWriter out = create(fresh, columns.toArray(String[]::new))) {
            for (Object[] row : rows) {
              out.row(row);
            }
          }
        });
  }

  /**
   * Starts a file anew, replacing one that exists.
   *
   * @param file the file; its directory exists
   * @param columns titles, written as the first row
   */
  public static CsvWriter create(Path file, String... columns) throws IOException {
    AtomicFiles.writeString(file, line(Arrays.asList(columns)));
    return append(file, columns.length);
  }

  /**
   * Continues with a file after a resumed run: rows whose first column, the iteration, is beyond
   * the state that the run resumes from are dropped, since the run will write them again.
   *
   * @param file the file; where it does not exist it is created
   * @param lastIteration the largest value of the first column to keep
   * @param columns titles, which must be those of the file
   * @throws IOException if the file has other columns or is damaged
   */
  public static CsvWriter resume(Path file, long lastIteration, String... columns)
      throws IOException {
    return resume(file, row -> iteration(file, row) <= lastIteration, columns);
  }

  /**
   * Continues with a file, some of whose rows are dropped.
   *
   * @param file the file; where it does not exist it is created
   * @param filter says which rows stay
   * @param columns titles, which must be those of the file
   * @throws IOException if the file has other columns or is damaged
   */
  public static CsvWriter resume(Path file, IOPredicate<List<String>> filter, String... columns)
      throws IOException {
    if (!Files.exists(file)) {
      return create(file, columns);
    }
    List<List<String>> rows = CsvReader.rows(file);
    Refuse.file(
        rows.isEmpty() || !rows.get(0).equals(List.of(columns)),
        "%s: other columns (%s), expected %s",
        file,
        rows.isEmpty() ? "none" : String.join(", ", rows.get(0)),
        String.join(", ", columns));
    StringBuilder kept = new StringBuilder(line(Arrays.asList(columns)));
    for (List<String> row : rows.subList(1, rows.size())) {
      if (filter.test(row)) {
        kept.append(line(row));
      }
    }
    AtomicFiles.writeString(file, kept);
    return append(file, columns.length);
  }

  /**
   * Writes one row.
   *
   * @param cells one per column: null is empty, anything else its {@code toString}
   */
  public void row(Object... cells) throws IOException {
    Refuse.argument(
        cells.length != columns, "%s: row of %s cells, must have %s", file, cells.length, columns);
    out.write(line(Arrays.asList(cells)));
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  private static CsvWriter append(Path file, int columns) throws IOException {
    Writer out = Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    return new CsvWriter(file, columns, out);
  }

  private static long iteration(Path file, List<String> row) throws IOException {
    try {
      return Long.parseLong(row.get(0));
    } catch (NumberFormatException e) {
      throw new IOException(
          file + ": row starts with " + row.get(0) + ", expected an iteration", e);
    }
  }

  private static String line(List<?> cells) {
    return cells.stream()
        .map(cell -> cell == null ? "" : quote(cell.toString()))
        .collect(Collectors.joining(",", "", "\n"));
  }

  private static String quote(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
