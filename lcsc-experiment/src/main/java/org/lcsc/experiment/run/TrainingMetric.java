package org.lcsc.experiment.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lcsc.experiment.output.CsvReader;

/**
 * A row of {@code metrics.csv}, the log of a training.
 *
 * @param iteration updates applied
 * @param loss mean since the row before
 * @param learningRate of that update
 * @param seconds of training so far, without its searches
 */
public record TrainingMetric(int iteration, double loss, double learningRate, double seconds) {

  private static final List<String> COLUMNS =
      List.of("iteration", "loss", "learningRate", "seconds");

  /** The titles. */
  public static String[] columns() {
    return COLUMNS.toArray(String[]::new);
  }

  /** The row's cells. */
  public Object[] cells() {
    return new Object[] {iteration, loss, learningRate, seconds};
  }

  /**
   * Reads a file; none where it does not exist.
   *
   * @throws IOException where it has other columns, or a cell is no number
   */
  public static List<TrainingMetric> read(Path file) throws IOException {
    List<TrainingMetric> metrics = new ArrayList<>();
    List<List<String>> rows = Files.exists(file) ? CsvReader.rows(file) : List.of();
    for (List<String> row : rows) {
      if (row == rows.get(0)) {
        if (!row.equals(COLUMNS)) {
          throw new IOException(
              file + ": other columns (" + String.join(", ", row) + "), expected " + COLUMNS);
        }
        continue;
      }
      try {
        metrics.add(
            new TrainingMetric(
                Integer.parseInt(row.get(0)),
                Double.parseDouble(row.get(1)),
                Double.parseDouble(row.get(2)),
                Double.parseDouble(row.get(3))));
      } catch (NumberFormatException e) {
        throw new IOException(file + ": a cell is no number in row " + row, e);
      }
    }
    return metrics;
  }
}
