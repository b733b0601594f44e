package org.lcsc.search;

import static java.util.stream.Collectors.joining;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.io.TextFiles;
import org.lcsc.objective.StageSeconds;

/**
 * Every evaluation of a search as a row of a CSV file, written through to the operating system row
 * by row, so that a killed search leaves every row but a possibly torn last one.
 *
 * <p>Columns: {@code evaluation, generation, score, best, cost, gradients, merging, sampling,
 * features, statistics, fingerprint, coefficients}; the stages in seconds, the fingerprint in
 * hexadecimal, the coefficients separated by blanks. Only rows that lower the best score hold
 * coefficients, so that the best model at every row can be merged again. Numbers read back to the
 * same bits. Not thread-safe.
 */
public final class SearchLog implements SearchListener, Closeable {

  private static final String HEADER =
      Text.format(
          "evaluation,generation,score,best,cost,gradients,%s,fingerprint,coefficients",
          String.join(",", StageSeconds.NAMES));
  private static final int COLUMNS = 12;
  private static final int MAX_BYTES = 1 << 30;

  private final Writer writer;

  /** The best score of the last row. */
  private double best;

  private SearchLog(Writer writer, double best) {
    this.writer = writer;
    this.best = best;
  }

  /**
   * Opens a log for appending after the first rows of an earlier part of the same search; rows past
   * them, and a torn last row, are removed. A missing file, and one of which no row is kept, starts
   * anew.
   *
   * @param file the CSV file
   * @param evaluations how many evaluations to keep, at least 0
   * @throws IOException where the file cannot be read or written, or is no search log
   */
  public static SearchLog open(Path file, int evaluations) throws IOException {
    double best = Double.POSITIVE_INFINITY;
    List<String> kept = new ArrayList<>();
    kept.add(HEADER);
    if (evaluations > 0 && Files.exists(file)) {
      for (String line : lines(file)) {
        SearchEvaluation row = parse(file, kept.size() + 1, line);
        if (row.index() < evaluations) {
          kept.add(line);
          best = row.best();
        }
      }
    }
    AtomicFiles.writeString(file, String.join("\n", kept) + "\n");
    // Not a channel: an interrupted thread must still be able to write its last row.
    FileOutputStream out = new FileOutputStream(file.toFile(), true);
    return new SearchLog(
        new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8)), best);
  }

  /**
   * Reads a log back, without a torn last row.
   *
   * @throws IOException where the file cannot be read or is no search log; the message names file
   *     and line
   */
  public static List<SearchEvaluation> read(Path file) throws IOException {
    List<SearchEvaluation> evaluations = new ArrayList<>();
    for (String line : lines(file)) {
      evaluations.add(parse(file, evaluations.size() + 2, line));
    }
    return evaluations;
  }

  @Override
  public void evaluated(SearchEvaluation evaluation) {
    StageSeconds s = evaluation.seconds();
    String coefficients =
        evaluation.best() < best
            ? Arrays.stream(evaluation.coefficients())
                .mapToObj(Double::toString)
                .collect(Collectors.joining(" "))
            : "";
    best = evaluation.best();
    try {
      writer.write(
          Text.format(
              "%s,%s,%s,%s,%s,%s,%s,%s,%s\n",
              evaluation.index(),
              evaluation.generation(),
              evaluation.score(),
              evaluation.best(),
              evaluation.cost(),
              evaluation.gradients(),
              Arrays.stream(s.toArray()).mapToObj(String::valueOf).collect(joining(",")),
              Long.toHexString(evaluation.fingerprint()),
              coefficients));
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the search log: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  /** The complete rows below the header. */
  private static List<String> lines(Path file) throws IOException {
    String text = TextFiles.read(file, MAX_BYTES);
    String[] lines = text.substring(0, text.lastIndexOf('\n') + 1).split("\n");
    Refuse.file(!lines[0].equals(HEADER), "%s is no search log: line 1 must be %s", file, HEADER);
    return Arrays.asList(lines).subList(1, lines.length);
  }

  private static SearchEvaluation parse(Path file, int number, String line) throws IOException {
    String[] cells = line.split(",", -1);
    if (cells.length != COLUMNS) {
      throw new IOException(
          Text.format(
              "%s, line %s: a row must have %s columns, got %s",
              file, number, COLUMNS, cells.length));
    }
    try {
      return new SearchEvaluation(
          Integer.parseInt(cells[0]),
          Integer.parseInt(cells[1]),
          Double.parseDouble(cells[2]),
          Double.parseDouble(cells[3]),
          Double.parseDouble(cells[4]),
          Integer.parseInt(cells[5]),
          StageSeconds.of(Arrays.stream(cells, 6, 10).mapToDouble(Double::parseDouble).toArray()),
          Long.parseUnsignedLong(cells[10], 16),
          cells[11].isEmpty()
              ? new double[0]
              : Arrays.stream(cells[11].split(" ")).mapToDouble(Double::parseDouble).toArray());
    } catch (NumberFormatException e) {
      throw new IOException(
          file + ", line " + number + ": a number was expected (" + e.getMessage() + ")", e);
    }
  }
}
