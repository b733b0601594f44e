package org.lcsc.cli.sweep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.lcsc.cli.experiment.FeatureSpaces;
import org.lcsc.cli.output.TextTable;

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

  /** Places of the axes that the rows are made of. */
  private final List<Integer> kept = new ArrayList<>();

  SweepTables(Study study, List<CandidateResult> results) {
    this.study = study;
    this.results = results.stream().filter(r -> Double.isFinite(r.score())).toList();
    for (int i = 0; i < study.axes().size(); i++) {
      if (!study.over().contains(study.axes().get(i).key())) {
        kept.add(i);
      }
    }
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
    List<String> header = new ArrayList<>();
    kept.forEach(axis -> header.add(study.axes().get(axis).key()));
    header.addAll(List.of("n", study.score(), "spread"));
    for (String name : others) {
      header.add(name);
      header.add("spread");
    }
    TextTable table = new TextTable(header.toArray(String[]::new));
    groups()
        .forEach(
            (labels, group) -> {
              List<Object> row = new ArrayList<>(labels);
              row.add(group.size());
              addMoments(row, group, CandidateResult::score);
              for (String name : others) {
                addMoments(row, group, r -> r.scores().getOrDefault(name, Double.NaN));
              }
              table.row(row.toArray());
            });
    return table;
  }

  /** With two axes that are no repetitions, the first down and the second across; else null. */
  TextTable cross() {
    if (kept.size() != 2) {
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
    header.add(study.axes().get(kept.get(0)).key() + " \\ " + study.axes().get(kept.get(1)).key());
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
    Map<List<String>, List<CandidateResult>> groups = new LinkedHashMap<>();
    for (CandidateResult result : results) {
      List<String> labels = kept.stream().map(axis -> result.labels().get(axis)).toList();
      groups.computeIfAbsent(labels, key -> new ArrayList<>()).add(result);
    }
    return groups;
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
