package org.lcsc.cli.output;

import static org.lcsc.io.Text.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lcsc.experiment.evaluation.PairedComparison;
import org.lcsc.experiment.evaluation.Scores;

/**
 * Scores of images as tables.
 *
 * <p>Stateless and thread-safe.
 */
public final class ScoreTable {

  /** Digits after the point of the columns that have not 3. */
  private static final Map<String, Integer> DIGITS = Map.of("KID", 5, "copying z", 1);

  private ScoreTable() {}

  /**
   * A table of one row per set of images; columns that no row has a number for are left out.
   *
   * @param rows scores by the name they are shown under
   */
  public static TextTable of(Map<String, Scores> rows) {
    List<String> metrics = new ArrayList<>();
    rows.values()
        .forEach(
            s ->
                s.numbers().keySet().stream()
                    .filter(m -> !metrics.contains(m))
                    .forEach(metrics::add));
    metrics.removeIf(
        metric ->
            !metric.startsWith("FID")
                && rows.values().stream().allMatch(s -> s.numbers().get(metric) == null));
    List<String> header = new ArrayList<>(List.of("images", "samples"));
    header.addAll(metrics);
    header.add("seconds");
    TextTable table = new TextTable(header.toArray(String[]::new));
    rows.forEach(
        (name, scores) -> {
          List<Object> cells = new ArrayList<>();
          cells.add(name);
          cells.add(scores.samples() < 0 ? null : scores.samples());
          metrics.forEach(
              metric ->
                  cells.add(
                      scores.finite() ? number(metric, scores.numbers().get(metric)) : "NaN"));
          cells.add(format("%.1f", scores.seconds().total()));
          table.row(cells.toArray());
        });
    return table;
  }

  /** A table of paired differences, one row per metric. */
  public static TextTable of(String first, String second, List<PairedComparison> comparisons) {
    TextTable table =
        new TextTable("metric", first, second, "difference", "95 % interval", "differ");
    for (PairedComparison c : comparisons) {
      table.row(
          c.metric(),
          number(c.metric(), c.first()),
          number(c.metric(), c.second()),
          number(c.metric(), c.difference()),
          number(c.metric(), c.difference() - c.halfWidth())
              + " to "
              + number(c.metric(), c.difference() + c.halfWidth()),
          c.significant() ? "yes" : "no");
    }
    return table;
  }

  private static String number(String metric, Double value) {
    return value == null ? null : format("%." + DIGITS.getOrDefault(metric, 3) + "f", value);
  }
}
