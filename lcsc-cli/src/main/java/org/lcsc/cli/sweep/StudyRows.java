package org.lcsc.cli.sweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lcsc.cli.output.TextTable;
import org.lcsc.experiment.output.CsvReader;

/**
 * The rows of a study, by variant and seed. One is finished once it has a row at every mark.
 *
 * @param marks numbers of evaluations, ascending
 * @param rows by variant and seed, in the order of the marks
 */
record StudyRows(int[] marks, Map<List<String>, List<List<String>>> rows) {

  private static final int MARK = 2;
  private static final int SECONDS = 3;
  private static final int SEARCH = 4;
  private static final int FRESH = 5;

  /** Reads a study's file; one that does not exist has no rows. */
  static StudyRows read(Path csv, int[] marks) throws IOException {
    Map<List<String>, List<List<String>>> rows = new HashMap<>();
    List<List<String>> all = Files.exists(csv) ? CsvReader.rows(csv) : List.of();
    for (int i = 1; i < all.size(); i++) {
      List<String> row = all.get(i);
      if (row.size() <= FRESH) {
        throw new IOException(csv + ": has no columns of a study, allowed: a file that one wrote");
      }
      rows.computeIfAbsent(row.subList(0, MARK), key -> new ArrayList<>()).add(row);
    }
    return new StudyRows(marks, rows);
  }

  boolean isFinished(String variant, long seed) {
    return isFinished(List.of(variant, String.valueOf(seed)));
  }

  /** Whether a row is of a finished search. */
  boolean isFinished(List<String> row) {
    return rows.getOrDefault(row.subList(0, MARK), List.of()).stream()
        .map(r -> r.get(MARK))
        .toList()
        .equals(Arrays.stream(marks).mapToObj(String::valueOf).toList());
  }

  /** Best scores so far on search noise and on fresh noise at every mark. */
  String table(List<StrategyStudy.Variant> variants) {
    List<String> header = new ArrayList<>(List.of("variant", "seed"));
    Arrays.stream(marks).forEach(mark -> header.add(mark + " search"));
    Arrays.stream(marks).forEach(mark -> header.add(mark + " fresh"));
    header.add("seconds");
    TextTable table = new TextTable(header.toArray(String[]::new));
    for (StrategyStudy.Variant variant : variants) {
      List<String> key = List.of(variant.label(), String.valueOf(variant.seed()));
      List<List<String>> own = rows.get(key);
      List<Object> cells = new ArrayList<>(key);
      own.forEach(row -> cells.add(number("%.3f", row.get(SEARCH))));
      own.forEach(row -> cells.add(number("%.3f", row.get(FRESH))));
      cells.add(number("%.1f", own.get(own.size() - 1).get(SECONDS)));
      table.row(cells.toArray());
    }
    return table.toText();
  }

  private static String number(String format, String value) {
    return String.format(Locale.ROOT, format, Double.parseDouble(value));
  }
}
