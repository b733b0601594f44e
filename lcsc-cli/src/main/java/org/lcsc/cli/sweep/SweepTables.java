package org.lcsc.cli.sweep;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.lcsc.cli.output.TextTable;
import org.lcsc.cli.report.Spread;
import org.lcsc.cli.sweep.CandidateResult.Mark;
import org.lcsc.cli.sweep.CandidateResult.Search;
import org.lcsc.experiment.FeatureSpaces;
import org.lcsc.experiment.evaluation.Scores;
import org.lcsc.experiment.output.CsvWriter;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.export.Versions;
import org.lcsc.io.Text;

/**
 * The tables of a study: all candidates, best first; pivots with one row for each combination of
 * the axes that are no repetitions and mean and standard deviation over those that are; the
 * searches that trainings made on the way; and the rows of its curves. Immutable.
 */
final class SweepTables {

  /** The last columns of the files. */
  private static final List<String> MADE_BY = List.of("version", "commit", "processors");

  private static final String EMA_STAR = "EMA*";
  private static final String LCSC = "LCSC";

  /** Scores worth a column of their own; all of them are in results.csv. */
  private static final List<String> SHOWN =
      List.of(
          CandidateResult.EVALUATED,
          CandidateResult.EVALUATED_PREFIX + FeatureSpaces.SECOND,
          CandidateResult.EVALUATED_PREFIX + Scores.INCEPTION_SCORE,
          CandidateResult.LCSC,
          LCSC + " " + FeatureSpaces.SECOND,
          EMA_STAR + " " + FeatureSpaces.FIRST,
          CandidateResult.AVERAGE,
          "EMA " + FeatureSpaces.SECOND);

  private final Study study;
  private final List<CandidateResult> results;

  /** Every score that any candidate has, in the order they came. */
  private final List<String> names;

  /** The scores beside the study's own that the tables show. */
  private final List<String> shown;

  /** A search of a training, and the last one of the same training. */
  private record Stage(CandidateResult candidate, Search search, Search last) {}

  SweepTables(Study study, List<CandidateResult> results) {
    this.study = study;
    this.results = results;
    names = distinct(results.stream().map(result -> result.scores().keySet()));
    shown =
        SHOWN.stream().filter(names::contains).filter(name -> !name.equals(study.score())).toList();
  }

  private static List<String> distinct(Stream<? extends Collection<String>> names) {
    return names.flatMap(Collection::stream).distinct().toList();
  }

  /**
   * The tables by title, and {@code stages.csv} with a row for each model of each search of each
   * candidate where trainings made several.
   *
   * @param root the study's directory
   */
  Map<String, TextTable> all(Path root) throws IOException {
    Map<String, TextTable> tables = new LinkedHashMap<>();
    tables.put(
        format("%d candidates, %s, smaller is better", results.size(), study.score()), ranking());
    tables.put(
        study.over().isEmpty()
            ? "By axes"
            : "By axes, mean and standard deviation over " + String.join(", ", study.over()),
        pivot());
    if (study.keys().size() == 2) {
      tables.put(study.score(), cross());
    }
    List<Stage> stages = stages(root);
    if (!stages.isEmpty()) {
      writeStages(stages, root.resolve("stages.csv"));
      tables.put("By stages of the training", stageTable(stages));
    }
    return tables;
  }

  /** A row for each candidate with all its scores. */
  void writeCsv(Path file) throws IOException {
    List<String> header = header("candidate", "score", "seconds", "failure");
    header.addAll(names);
    header.addAll(MADE_BY);
    List<Object[]> rows = new ArrayList<>();
    for (CandidateResult result : results) {
      List<Object> row = row(result.id(), result.labels());
      row.addAll(Arrays.asList(result.score(), result.seconds(), result.failure()));
      names.forEach(name -> row.add(result.scores().get(name)));
      row.addAll(madeBy(result));
      rows.add(row.toArray());
    }
    CsvWriter.write(file, header, rows);
  }

  private static List<String> madeBy(CandidateResult result) {
    Versions versions = result.versions();
    return List.of(versions.lcsc(), versions.commit(), versions.processors());
  }

  /** A first column, the axes, and more columns. */
  private List<String> header(String first, String... more) {
    List<String> header = new ArrayList<>(List.of(first));
    study.axes().forEach(axis -> header.add(axis.key()));
    header.addAll(List.of(more));
    return header;
  }

  private static List<Object> row(Object first, List<?> more) {
    List<Object> row = new ArrayList<>();
    row.add(first);
    row.addAll(more);
    return row;
  }

  private TextTable ranking() {
    List<String> header = header("rank", study.score());
    header.addAll(shown);
    header.add("seconds");
    TextTable table = new TextTable(header.toArray(String[]::new));
    // NaN is more than any number in this order.
    List<CandidateResult> sorted =
        results.stream().sorted(Comparator.comparingDouble(CandidateResult::score)).toList();
    int rank = 1;
    for (CandidateResult result : sorted) {
      List<Object> row = row(Double.isFinite(result.score()) ? rank++ : null, result.labels());
      row.add(result.failed() ? "failed: " + result.failure() : number(result.score()));
      shown.forEach(name -> row.add(number(result.scores().get(name))));
      row.add(format("%.3f", result.seconds()));
      table.row(row.toArray());
    }
    return table;
  }

  /** A row for each combination. */
  TextTable pivot() {
    Map<String, ToDoubleFunction<CandidateResult>> columns = new LinkedHashMap<>();
    columns.put(study.score(), CandidateResult::score);
    shown.forEach(name -> columns.put(name, r -> r.scores().getOrDefault(name, Double.NaN)));
    List<String> titles = new ArrayList<>();
    columns.keySet().forEach(title -> titles.addAll(List.of(title, "spread")));
    return table(
        study.keys(),
        titles,
        groups(),
        group -> {
          List<Object> cells = new ArrayList<>();
          for (ToDoubleFunction<CandidateResult> score : columns.values()) {
            Spread spread = spread(group, score);
            cells.add(spread.n() == 0 ? null : spread.meanText());
            cells.add(spread.n() < 2 ? null : spread.deviationText());
          }
          return cells;
        });
  }

  /** With two axes that are no repetitions, the first down and the second across. */
  TextTable cross() {
    Map<List<String>, List<CandidateResult>> groups = groups();
    List<String> across = groups.keySet().stream().map(labels -> labels.get(1)).distinct().toList();
    List<String> header = new ArrayList<>(List.of(String.join(" \\ ", study.keys())));
    header.addAll(across);
    TextTable table = new TextTable(header.toArray(String[]::new));
    groups.keySet().stream()
        .map(labels -> labels.get(0))
        .distinct()
        .forEach(
            first ->
                table.row(
                    row(
                            first,
                            across.stream()
                                .map(second -> groups.get(List.of(first, second)))
                                .map(group -> group == null ? "-" : cell(group))
                                .toList())
                        .toArray()));
    return table;
  }

  private static String cell(List<CandidateResult> group) {
    return spread(group, CandidateResult::score).text();
  }

  /** Candidates with a score, by their values on the axes that are no repetitions. */
  private Map<List<String>, List<CandidateResult>> groups() {
    return groups(
        results.stream().filter(r -> Double.isFinite(r.score())).toList(),
        candidate -> study.labels(candidate.labels(), false));
  }

  /** What has the same labels, in the order in which the labels first occur. */
  private static <T> Map<List<String>, List<T>> groups(
      List<T> members, Function<T, List<String>> labels) {
    Map<List<String>, List<T>> groups = new LinkedHashMap<>();
    members.forEach(m -> groups.computeIfAbsent(labels.apply(m), key -> new ArrayList<>()).add(m));
    return groups;
  }

  /** A row for each group: its labels, the number of its members, and cells. */
  private static <T> TextTable table(
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

  private static <T> Spread spread(List<T> group, ToDoubleFunction<T> score) {
    return Spread.of(group.stream().mapToDouble(score).toArray());
  }

  /** The searches of candidates that made several. */
  private List<Stage> stages(Path root) throws IOException {
    List<Stage> stages = new ArrayList<>();
    for (CandidateResult candidate : results) {
      Path run = CandidateResult.run(root.resolve("candidates").resolve(candidate.id()));
      if (study.mode() == Study.Mode.TRAIN && !candidate.failed() && RunDirectory.isFinished(run)) {
        List<Search> searches = CandidateResult.searches(run);
        if (searches.size() > 1) {
          Search last = searches.get(searches.size() - 1);
          searches.forEach(search -> stages.add(new Stage(candidate, search, last)));
        }
      }
    }
    return stages;
  }

  private void writeStages(List<Stage> stages, Path file) throws IOException {
    List<String> scores =
        distinct(
            stages.stream().flatMap(s -> s.search().models().values().stream().map(Map::keySet)));
    List<String> header =
        header("candidate", "iteration", "evaluations", "search seconds", "model");
    header.addAll(scores);
    header.addAll(MADE_BY);
    List<Object[]> rows = new ArrayList<>();
    for (Stage stage : stages) {
      Search search = stage.search();
      search
          .models()
          .forEach(
              (model, values) -> {
                List<Object> row = row(stage.candidate().id(), stage.candidate().labels());
                row.add(search.found().iteration());
                row.add(search.found().evaluations());
                row.add(search.found().totalSeconds());
                row.add(model);
                scores.forEach(score -> row.add(values.get(score)));
                row.addAll(madeBy(stage.candidate()));
                rows.add(row.toArray());
              });
    }
    CsvWriter.write(file, header, rows);
  }

  /** A row for each combination of the axes that are no repetitions, at each stage. */
  private TextTable stageTable(List<Stage> stages) {
    List<String> spaces =
        Stream.of(FeatureSpaces.FIRST, FeatureSpaces.SECOND)
            .filter(s -> stages.stream().anyMatch(g -> Double.isFinite(g.search().score(LCSC, s))))
            .toList();
    List<String> titles = new ArrayList<>(study.keys());
    titles.add("iteration");
    List<String> columns = new ArrayList<>();
    for (String space : spaces) {
      columns.add(EMA_STAR + " " + space);
      columns.add(LCSC + " " + space);
      columns.add(LCSC + " below " + EMA_STAR + " at the end");
    }
    return table(
        titles,
        columns,
        groups(
            stages,
            stage -> {
              List<String> labels =
                  new ArrayList<>(study.labels(stage.candidate().labels(), false));
              labels.add(String.valueOf(stage.search().found().iteration()));
              return labels;
            }),
        group -> {
          List<Object> cells = new ArrayList<>();
          for (String space : spaces) {
            cells.add(spread(group, s -> s.search().score(EMA_STAR, space)).text());
            cells.add(spread(group, s -> s.search().score(LCSC, space)).text());
            long better =
                group.stream()
                    .filter(s -> s.search().score(LCSC, space) < s.last().score(EMA_STAR, space))
                    .count();
            cells.add(better + " of " + group.size());
          }
          return cells;
        });
  }

  /**
   * The rows of the curves, which {@link SweepCurves} reads.
   *
   * @return whether there are any
   */
  boolean writeCurves(Path file) throws IOException {
    List<Mark> marks = results.stream().flatMap(r -> r.curve().stream()).toList();
    if (marks.isEmpty()) {
      return false;
    }
    List<String> spaces = distinct(marks.stream().map(mark -> mark.fresh().keySet()));
    List<String> header = new ArrayList<>(SweepCurves.COLUMNS);
    spaces.forEach(space -> header.add("fresh " + space));
    List<Object[]> rows = new ArrayList<>();
    for (CandidateResult result : results) {
      for (Mark mark : result.curve()) {
        List<Object> row = new ArrayList<>();
        row.add(String.join(", ", study.labels(result.labels(), false)));
        row.add(String.join(", ", study.labels(result.labels(), true)));
        row.add(mark.evaluations());
        row.add(format("%.3f", mark.seconds()));
        row.add(mark.search());
        spaces.forEach(space -> row.add(mark.fresh().getOrDefault(space, Double.NaN)));
        rows.add(row.toArray());
      }
    }
    CsvWriter.write(file, header, rows);
    return true;
  }

  private static String number(Double value) {
    return value == null ? null : Text.score(value);
  }
}
