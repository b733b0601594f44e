package org.lcsc.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lcsc.experiment.output.CsvReader;

/**
 * Tables in the documentation are made from the raw rows beside them. A comment before a table says
 * how, and {@code -Dlcsc.test.write=true} writes it anew:
 *
 * <pre>
 * &lt;!-- table results/name/results.csv results/name/evaluate.json
 * row: stage=2000, seed=7 | 2,000
 * column: FID | spaces.0.fid | 2
 * --&gt;
 * </pre>
 *
 * A {@code row} names the raw rows that it is of, by columns whose cell contains the text ({@code
 * =} for the whole cell, {@code ~} for a part, {@code or} between texts). With {@code trainings: 3}
 * a row may be of three ({@code 2 | 3} of two as well), and shows mean and standard deviation where
 * the digits differ; else of one. A {@code column} has title, column of the raw rows and digits;
 * without digits the cell as it is; a fourth part picks among the row's raw rows. The rows of an
 * evaluation are its {@code models} and its {@code heldOut}, those of a run's results its {@code
 * searches}, their columns dotted paths. Below the table stand links to the files of the rows.
 */
class DocumentedTablesTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern TABLE =
      Pattern.compile(
          "<!-- table (?<files>[^\n]*)\n(?<lines>.*?)-->\n"
              + "(?<table>(\\|[^\n]*\n)*(\n<sub>Rows: [^\n]*</sub>\n)?)",
          Pattern.DOTALL);

  static List<Path> pages() throws IOException {
    try (Stream<Path> pages = Files.list(ROOT.resolve("docs"))) {
      return Stream.concat(Stream.of(ROOT.resolve("README.md")), pages.sorted())
          .filter(page -> page.toString().endsWith(".md"))
          .filter(page -> read(page).contains("<!-- table "))
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void tablesAreWhatTheirRowsGive(Path page) throws IOException {
    String text = read(page);
    Matcher matcher = TABLE.matcher(text);
    StringBuilder made = new StringBuilder();
    while (matcher.find()) {
      List<Map<String, String>> rows = new ArrayList<>();
      List<String> files = List.of(matcher.group("files").trim().split(" "));
      for (String file : files) {
        for (Map<String, String> row : rows(page.resolveSibling(file))) {
          row.putIfAbsent("file", file);
          rows.add(row);
        }
      }
      String comment = matcher.group().substring(0, matcher.start("table") - matcher.start());
      String table = table(rows, matcher.group("lines").lines().toList());
      matcher.appendReplacement(
          made, Matcher.quoteReplacement(comment + table + "\n" + links(files) + "\n"));
    }
    matcher.appendTail(made);
    if (Boolean.getBoolean("lcsc.test.write")) {
      Files.writeString(page, made);
    } else {
      assertThat(text).isEqualTo(made.toString());
    }
  }

  private static String table(List<Map<String, String>> rows, List<String> lines) {
    List<String[]> columns = parts(lines, "column: ");
    List<String> trainings = parts(lines, "trainings: ").stream().flatMap(Stream::of).toList();
    StringBuilder table = new StringBuilder("| |");
    columns.forEach(
        column -> {
          assertThat(rows).as(column[1]).anyMatch(row -> row.containsKey(column[1]));
          table.append(' ').append(column[0]).append(" |");
        });
    table.append("\n|---|").append("--:|".repeat(columns.size())).append('\n');
    for (String[] row : parts(lines, "row: ")) {
      List<Map<String, String>> of = rows.stream().filter(selects(row[0])).toList();
      assertThat(of).as(row[0]).isNotEmpty();
      table.append("| ").append(row[1]).append(" |");
      columns.forEach(
          column -> {
            List<Map<String, String>> own =
                column.length < 4 ? of : of.stream().filter(selects(column[3])).toList();
            assertThat(own).as("%s, %s", row[0], column[0]).isNotEmpty();
            String cell = cell(own, column);
            assertThat(trainings.contains(String.valueOf(own.size())) || !cell.contains("±"))
                .as("%s selects %s raw rows, which differ", row[0], own.size())
                .isTrue();
            table.append(' ').append(cell).append(" |");
          });
      table.append('\n');
    }
    return table.toString();
  }

  /** Links to the files of the rows, by directory. */
  private static String links(List<String> files) {
    Map<String, List<String>> byDirectory =
        files.stream()
            .collect(
                Collectors.groupingBy(
                    file -> Path.of(file).getParent().getFileName().toString(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    return byDirectory.entrySet().stream()
        .map(
            entry ->
                entry.getValue().stream()
                    .map(file -> "[" + Path.of(file).getFileName() + "](" + file + ")")
                    .collect(Collectors.joining(", ", entry.getKey() + ": ", "")))
        .collect(Collectors.joining("; ", "<sub>Rows: ", "</sub>"));
  }

  private static List<String[]> parts(List<String> lines, String start) {
    return lines.stream()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()).split(" \\| "))
        .toList();
  }

  private static Predicate<Map<String, String>> selects(String conditions) {
    return Stream.of(conditions.split(", "))
        .<Predicate<Map<String, String>>>map(
            condition -> {
              boolean part = condition.contains("~");
              String[] sides = condition.split(part ? "~" : "=", 2);
              List<String> texts = List.of(sides[1].split(" or "));
              return row -> {
                String cell = row.getOrDefault(sides[0], "");
                return texts.stream().anyMatch(part ? cell::contains : cell::equals);
              };
            })
        .reduce(Predicate::and)
        .orElseThrow();
  }

  private static String cell(List<Map<String, String>> rows, String[] column) {
    List<String> cells =
        rows.stream().map(row -> row.getOrDefault(column[1], "")).collect(Collectors.toList());
    if (cells.stream().allMatch(String::isEmpty)) {
      return "";
    }
    if (column.length == 2) {
      return String.join(", ", cells);
    }
    SummaryStatistics numbers = new SummaryStatistics();
    cells.forEach(cell -> numbers.addValue(Double.parseDouble(cell)));
    String digits = "%,." + column[2] + "f";
    String mean = String.format(Locale.ROOT, digits, numbers.getMean());
    boolean same =
        String.format(Locale.ROOT, digits, numbers.getMin())
            .equals(String.format(Locale.ROOT, digits, numbers.getMax()));
    return same
        ? mean
        : mean + " ± " + String.format(Locale.ROOT, digits, numbers.getStandardDeviation());
  }

  private static List<Map<String, String>> rows(Path file) throws IOException {
    List<Map<String, String>> rows = new ArrayList<>();
    if (file.toString().endsWith(".json")) {
      JsonNode json = new ObjectMapper().readTree(file.toFile());
      if (json.has("searches")) {
        json.get("searches").forEach(search -> rows.add(ofSearch(search)));
        return rows;
      }
      json.path("models")
          .forEach(
              model -> {
                Map<String, String> row = flat(model);
                row.put("sampler", json.path("sampler").asText());
                rows.add(row);
              });
      Map<String, String> heldOut = flat(json.path("heldOut"));
      heldOut.put("file", "held-out images");
      rows.add(heldOut);
      return rows;
    }
    List<List<String>> cells = CsvReader.rows(file);
    for (List<String> row : cells.subList(1, cells.size())) {
      Map<String, String> named = new LinkedHashMap<>();
      for (int i = 0; i < row.size(); i++) {
        named.put(cells.get(0).get(i), row.get(i));
      }
      rows.add(named);
    }
    return rows;
  }

  /** With the scores of every baseline under its name, and of EMA* under {@code star}. */
  private static Map<String, String> ofSearch(JsonNode search) {
    Map<String, String> cells = flat(search);
    search
        .path("baselines")
        .forEach(
            baseline -> {
              flatten(baseline.path("model").asText(), baseline, cells);
              if (baseline.path("model").asText().equals(search.path("emaStar").asText())) {
                flatten("star", baseline, cells);
              }
            });
    return cells;
  }

  private static Map<String, String> flat(JsonNode node) {
    Map<String, String> cells = new LinkedHashMap<>();
    flatten("", node, cells);
    return cells;
  }

  private static void flatten(String path, JsonNode node, Map<String, String> cells) {
    if (node.isValueNode()) {
      cells.put(path, node.asText());
    }
    String prefix = path.isEmpty() ? "" : path + ".";
    node.properties().forEach(field -> flatten(prefix + field.getKey(), field.getValue(), cells));
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      flatten(prefix + i, node.get(i), cells);
    }
  }

  private static String read(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
