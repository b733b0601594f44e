package org.lcsc.cli.sweep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.lcsc.cli.output.TextTable;

/**
 * Groups the results of a study by the axes that are no repetitions: what a row of its tables is
 * made of. Immutable.
 */
final class Combinations {

  private final Study study;

  /** Places of the axes that are no repetitions. */
  private final List<Integer> kept;

  Combinations(Study study) {
    this.study = study;
    kept =
        IntStream.range(0, study.axes().size())
            .filter(axis -> !study.over().contains(study.axes().get(axis).key()))
            .boxed()
            .toList();
  }

  /** Keys of the axes that are no repetitions, in the order of the study. */
  List<String> keys() {
    return kept.stream().map(axis -> study.axes().get(axis).key()).toList();
  }

  /** A candidate's values on these axes. */
  List<String> labels(CandidateResult candidate) {
    return kept.stream().map(axis -> candidate.labels().get(axis)).toList();
  }

  /** What has the same labels, in the order in which the labels first occur. */
  static <T> Map<List<String>, List<T>> groups(List<T> members, Function<T, List<String>> labels) {
    Map<List<String>, List<T>> groups = new LinkedHashMap<>();
    for (T member : members) {
      groups.computeIfAbsent(labels.apply(member), key -> new ArrayList<>()).add(member);
    }
    return groups;
  }

  /**
   * A row for each group: its labels, the number of its members, and cells.
   *
   * @param titles of the labels
   * @param columns titles of the cells
   * @param cells of a group, one per column
   */
  static <T> TextTable table(
      List<String> titles,
      List<String> columns,
      Map<List<String>, List<T>> groups,
      Function<List<T>, List<Object>> cells) {
    List<String> header = new ArrayList<>(titles);
    header.add("n");
    header.addAll(columns);
    TextTable table = new TextTable(header.toArray(String[]::new));
    groups.forEach(
        (labels, group) -> {
          List<Object> row = new ArrayList<>(labels);
          row.add(group.size());
          row.addAll(cells.apply(group));
          table.row(row.toArray());
        });
    return table;
  }
}
