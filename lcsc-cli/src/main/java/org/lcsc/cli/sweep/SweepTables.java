package org.lcsc.cli.sweep;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.lcsc.cli.output.Spread;
import org.lcsc.cli.output.TextTable;
import org.lcsc.experiment.FeatureSpaces;

/**
 * Pivot tables of a study: one row for each combination of the axes that are no repetitions, with
 * mean and standard deviation over those that are.
 */
final class SweepTables {

  /** Scores worth a column of their own; all of them are in results.csv. */
  private static final List<String> SHOWN =
      List.of(
          CandidateScores.EVALUATED,
          CandidateScores.EVALUATED_PREFIX + FeatureSpaces.SECOND,
          CandidateScores.LCSC,
          "LCSC " + FeatureSpaces.SECOND,
          "EMA* " + FeatureSpaces.FIRST,
          CandidateScores.AVERAGE,
          "EMA " + FeatureSpaces.SECOND);

  private final Study study;
  private final List<CandidateResult> results;

  private final Combinations combinations;

  SweepTables(Study study, List<CandidateResult> results) {
    this.study = study;
    this.results = results.stream().filter(r -> Double.isFinite(r.score())).toList();
    combinations = new Combinations(study);
  }

  /** The scores besides the study's own that the tables show. */
  static List<String> shown(List<String> names, String score) {
    return SHOWN.stream().filter(names::contains).filter(name -> !name.equals(score)).toList();
  }

  static String number(Double value) {
    return value == null ? null : String.format(Locale.ROOT, "%.3f", value);
  }

  /** A row for each combination. */
  TextTable pivot() {
    Set<String> names = new LinkedHashSet<>();
    results.forEach(result -> names.addAll(result.scores().keySet()));
    List<String> others = shown(new ArrayList<>(names), study.score());
    List<String> columns = new ArrayList<>(List.of(study.score(), "spread"));
    for (String name : others) {
      columns.add(name);
      columns.add("spread");
    }
    return Combinations.table(
        combinations.keys(),
        columns,
        groups(),
        group -> {
          List<Object> cells = new ArrayList<>();
          addMoments(cells, group, CandidateResult::score);
          for (String name : others) {
            addMoments(cells, group, r -> r.scores().getOrDefault(name, Double.NaN));
          }
          return cells;
        });
  }

  /** With two axes that are no repetitions, the first down and the second across; else null. */
  TextTable cross() {
    List<String> keys = combinations.keys();
    if (keys.size() != 2) {
      return null;
    }
    Set<String> down = new LinkedHashSet<>();
    Set<String> across = new LinkedHashSet<>();
    Map<List<String>, List<CandidateResult>> groups = groups();
    groups
        .keySet()
        .forEach(
            labels -> {
              down.add(labels.get(0));
              across.add(labels.get(1));
            });
    List<String> header = new ArrayList<>();
    header.add(keys.get(0) + " \\ " + keys.get(1));
    header.addAll(across);
    TextTable table = new TextTable(header.toArray(String[]::new));
    for (String first : down) {
      List<Object> row = new ArrayList<>(List.of(first));
      for (String second : across) {
        List<CandidateResult> group = groups.get(List.of(first, second));
        row.add(group == null ? null : cell(group));
      }
      table.row(row.toArray());
    }
    return table;
  }

  private static String cell(List<CandidateResult> group) {
    return Spread.of(values(group, CandidateResult::score)).toString();
  }

  private Map<List<String>, List<CandidateResult>> groups() {
    return Combinations.groups(results, combinations::labels);
  }

  private static void addMoments(
      List<Object> row, List<CandidateResult> group, ToDoubleFunction<CandidateResult> score) {
    Spread spread = Spread.of(values(group, score));
    row.add(spread.n() == 0 ? null : number(spread.mean()));
    row.add(spread.n() < 2 ? null : number(spread.deviation()));
  }

  private static double[] values(
      List<CandidateResult> group, ToDoubleFunction<CandidateResult> score) {
    return group.stream().mapToDouble(score).filter(Double::isFinite).toArray();
  }
}
