package org.lcsc.cli.sweep;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.lcsc.cli.output.TextTable;
import org.lcsc.cli.report.PlotFiles;
import org.lcsc.cli.report.Spread;
import org.lcsc.cli.report.chart.Axis;
import org.lcsc.cli.report.chart.Chart;
import org.lcsc.cli.report.chart.Layer;
import org.lcsc.cli.report.chart.Panel;
import org.lcsc.cli.report.chart.Series;
import org.lcsc.cli.report.chart.Series.Look;
import org.lcsc.cli.report.chart.Series.Shape;
import org.lcsc.cli.report.chart.Tone;
import org.lcsc.experiment.output.CsvReader;
import org.lcsc.io.Refuse;

/**
 * Searches against each other, from the {@code curves.csv} of one or several sweeps: the best score
 * so far against evaluations and seconds, as means over files and repetitions with their spread.
 *
 * <p>Immutable and thread-safe.
 */
public final class SweepCurves {

  /** The columns before the scores on fresh noise, one for each feature space. */
  static final List<String> COLUMNS =
      List.of("variant", "seed", "evaluations", "seconds", "search");

  private static final int MARK = 2;
  private static final int SCORES = 4;

  private final List<String> scores;
  private final Map<String, Curve> curves;

  /**
   * A strategy.
   *
   * @param marks numbers of evaluations that every search of it has a row at, ascending
   * @param values by mark and column: seconds, then the scores
   */
  private record Curve(double[] marks, Spread[][] values, int searches) {

    double[] means(int column) {
      return shifted(column, 0);
    }

    /** Means plus so many standard deviations. */
    double[] shifted(int column, int deviations) {
      return Arrays.stream(values)
          .mapToDouble(row -> row[column].mean() + deviations * row[column].deviation())
          .toArray();
    }
  }

  private SweepCurves(List<String> scores, Map<String, Curve> curves) {
    this.scores = scores;
    this.curves = curves;
  }

  /**
   * Reads files.
   *
   * @param files written by sweeps with the same score columns, for example of several windows
   * @param labels another name for some variants, by variant; these come first, in this order
   * @throws IOException where one cannot be read, is no such file, or has other columns than the
   *     first
   */
  public static SweepCurves read(List<Path> files, Map<String, String> labels) throws IOException {
    List<String> titles = null;
    // By variant, then by mark; a row for each search.
    Map<String, TreeMap<Double, List<double[]>>> found = new LinkedHashMap<>();
    labels.keySet().forEach(variant -> found.put(variant, new TreeMap<>()));
    for (Path file : files) {
      List<List<String>> rows = CsvReader.rows(file);
      if (rows.isEmpty()
          || rows.get(0).size() < COLUMNS.size()
          || !rows.get(0).subList(0, COLUMNS.size()).equals(COLUMNS)) {
        throw new IOException(
            file + ": has no columns of curves, allowed: curves.csv of lcsc sweep");
      }
      if (titles != null && !titles.equals(rows.get(0))) {
        throw new IOException(
            file + ": has other columns than " + files.get(0) + ", allowed: " + titles);
      }
      titles = rows.get(0);
      for (List<String> row : rows.subList(1, rows.size())) {
        double[] numbers = numbers(file, row);
        found
            .computeIfAbsent(row.get(0), key -> new TreeMap<>())
            .computeIfAbsent(numbers[0], key -> new ArrayList<>())
            .add(Arrays.copyOfRange(numbers, 1, numbers.length));
      }
    }
    Map<String, Curve> curves = new LinkedHashMap<>();
    found.forEach(
        (variant, marks) -> {
          if (!marks.isEmpty()) {
            curves.put(labels.getOrDefault(variant, variant), curve(marks));
          }
        });
    Refuse.file(curves.isEmpty(), "%s: has no rows yet", files.get(0));
    return new SweepCurves(List.copyOf(titles.subList(SCORES, titles.size())), curves);
  }

  private static double[] numbers(Path file, List<String> row) throws IOException {
    try {
      return row.subList(MARK, row.size()).stream().mapToDouble(Double::parseDouble).toArray();
    } catch (NumberFormatException e) {
      throw new IOException(file + ": no number where one belongs, in the row " + row, e);
    }
  }

  /** Marks that not every search has would jump with the searches they are of. */
  private static Curve curve(TreeMap<Double, List<double[]>> marks) {
    int searches = marks.values().stream().mapToInt(List::size).max().orElse(0);
    marks.values().removeIf(rows -> rows.size() < searches);
    double[] at = marks.keySet().stream().mapToDouble(Double::doubleValue).toArray();
    Spread[][] values =
        marks.values().stream()
            .map(
                rows ->
                    IntStream.range(0, rows.get(0).length)
                        .mapToObj(
                            c -> Spread.of(rows.stream().mapToDouble(row -> row[c]).toArray()))
                        .toArray(Spread[]::new))
            .toArray(Spread[][]::new);
    return new Curve(at, values, searches);
  }

  /**
   * Plots the curves against evaluations, and against seconds.
   *
   * @param directory receives {@code NAME-evaluations} and {@code NAME-seconds}, each as SVG and
   *     PNG; files of these names are replaced
   * @param title what was searched
   * @return the files
   */
  public List<Path> write(Path directory, String name, String title) throws IOException {
    Map<String, Chart> charts = new LinkedHashMap<>();
    for (String x : List.of("evaluations", "seconds")) {
      charts.put(name + "-" + x, chart(name + "-" + x, title, x));
    }
    return PlotFiles.write(charts, directory);
  }

  private Chart chart(String name, String title, String x) {
    List<Panel> panels = new ArrayList<>();
    for (int s = 0; s < scores.size(); s++) {
      List<Layer> bands = new ArrayList<>();
      List<Layer> lines = new ArrayList<>();
      int number = 0;
      for (Map.Entry<String, Curve> entry : curves.entrySet()) {
        Curve curve = entry.getValue();
        Tone tone = Tone.of(number);
        double[] xs = x.equals("seconds") ? curve.means(0) : curve.marks();
        if (curve.searches() > 1) {
          bands.add(
              new Layer.Band(
                  entry.getKey() + " ± 1 sd",
                  xs,
                  curve.shifted(s + 1, -1),
                  curve.shifted(s + 1, 1),
                  tone));
        }
        Look look = Look.dotted(tone, Shape.of(number));
        lines.add(
            new Series(
                entry.getKey(),
                xs,
                curve.means(s + 1),
                number < Tone.SERIES ? look : look.withDashes()));
        number++;
      }
      bands.addAll(lines);
      panels.add(new Panel(Axis.auto(axis(scores.get(s))), bands, 190));
    }
    return new Chart(name, title, description(), Axis.auto(x), panels);
  }

  private static String axis(String column) {
    return column.equals("search") ? "best so far, search noise" : column;
  }

  private String description() {
    StringBuilder text = new StringBuilder();
    curves.forEach(
        (label, curve) -> {
          int last = curve.marks().length - 1;
          text.append(
              format(
                  "%s ends at %s after %.0f evaluations. ",
                  label, curve.values()[last][1].meanText(), curve.marks()[last]));
        });
    return text.toString().strip();
  }

  /** All means with their standard deviations. */
  public TextTable table() {
    List<String> header = new ArrayList<>(List.of("strategy", "evaluations", "seconds"));
    header.addAll(scores);
    TextTable table = new TextTable(header.toArray(String[]::new));
    curves.forEach(
        (label, curve) -> {
          for (int i = 0; i < curve.marks().length; i++) {
            List<Object> row = new ArrayList<>(List.of(label));
            row.add(format("%.0f", curve.marks()[i]));
            row.add(format("%.0f", curve.values()[i][0].mean()));
            Arrays.stream(curve.values()[i]).skip(1).map(Spread::text).forEach(row::add);
            table.row(row.toArray());
          }
        });
    return table;
  }
}
