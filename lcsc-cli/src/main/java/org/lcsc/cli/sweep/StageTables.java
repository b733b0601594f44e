package org.lcsc.cli.sweep;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lcsc.experiment.FeatureSpaces;
import org.lcsc.experiment.output.CsvWriter;
import org.lcsc.experiment.output.TextTable;
import org.lcsc.io.Json;

/**
 * The searches that trainings made on the way, where a candidate made several: the scores of every
 * model at every stage, as rows and as a table with mean and standard deviation over the
 * repetitions.
 */
final class StageTables {

  private static final String EMA_STAR = "EMA*";
  private static final String LCSC = "LCSC";

  /** A search of a candidate, and how its models scored in the end. */
  private record Stage(
      CandidateResult candidate,
      int iteration,
      int evaluations,
      double seconds,
      Map<String, Map<String, Double>> models,
      Map<String, Map<String, Double>> last) {

    double score(String model, String score) {
      return value(models, model, score);
    }

    /** Whether what was found here is better than the best average at the end of the training. */
    boolean beatsTheEnd(String score) {
      return score(LCSC, score) < value(last, EMA_STAR, score);
    }

    private static double value(
        Map<String, Map<String, Double>> models, String model, String score) {
      return models.getOrDefault(model, Map.of()).getOrDefault(score, Double.NaN);
    }
  }

  private final Study study;
  private final List<Stage> stages = new ArrayList<>();

  /**
   * Reads the runs of the candidates that have a score.
   *
   * @throws IOException where a run's results cannot be read
   */
  StageTables(Study study, SweepResults results) throws IOException {
    this.study = study;
    if (study.mode() != Study.Mode.TRAIN) {
      return;
    }
    for (CandidateResult candidate : results.all()) {
      Path file = results.directory(candidate.id()).resolve("run/results.json");
      if (candidate.failure() == null && Files.exists(file)) {
        add(candidate, Json.read(file).path("searches"));
      }
    }
  }

  private void add(CandidateResult candidate, JsonNode searches) {
    if (searches.size() < 2) {
      return;
    }
    Map<String, Map<String, Double>> last =
        CandidateScores.models(searches.get(searches.size() - 1));
    for (JsonNode search : searches) {
      stages.add(
          new Stage(
              candidate,
              search.get("iteration").asInt(),
              search.get("evaluations").asInt(),
              search.get("seconds").get("total").asDouble(),
              CandidateScores.models(search),
              last));
    }
  }

  /** Whether no candidate searched more than once. */
  boolean isEmpty() {
    return stages.isEmpty();
  }

  /** A row for each model of each search of each candidate. */
  void writeCsv(Path file) throws IOException {
    Set<String> scores = new LinkedHashSet<>();
    stages.forEach(s -> s.models().values().forEach(model -> scores.addAll(model.keySet())));
    List<String> header = new ArrayList<>(List.of("candidate"));
    study.axes().forEach(axis -> header.add(axis.key()));
    header.addAll(List.of("iteration", "evaluations", "search seconds", "model"));
    header.addAll(scores);
    List<Object[]> rows = new ArrayList<>();
    for (Stage stage : stages) {
      stage
          .models()
          .forEach(
              (model, values) -> {
                List<Object> row = new ArrayList<>(List.of(stage.candidate().id()));
                row.addAll(stage.candidate().labels());
                row.addAll(List.of(stage.iteration(), stage.evaluations(), stage.seconds(), model));
                scores.forEach(score -> row.add(values.get(score)));
                rows.add(row.toArray());
              });
    }
    CsvWriter.write(file, header, rows);
  }

  /** A row for each combination of the axes that are no repetitions, at each stage. */
  TextTable table() {
    Combinations combinations = new Combinations(study);
    List<String> spaces =
        List.of(FeatureSpaces.FIRST, FeatureSpaces.SECOND).stream()
            .filter(space -> stages.stream().anyMatch(s -> Double.isFinite(s.score(LCSC, space))))
            .toList();
    List<String> columns = new ArrayList<>();
    for (String space : spaces) {
      columns.addAll(
          List.of(
              EMA_STAR + " " + space,
              LCSC + " " + space,
              LCSC + " below " + EMA_STAR + " at the end"));
    }
    return Combinations.table(
        with(combinations.keys(), "iteration"),
        columns,
        Combinations.groups(
            stages,
            stage ->
                with(combinations.labels(stage.candidate()), String.valueOf(stage.iteration()))),
        group -> cells(group, spaces));
  }

  private static List<String> with(List<String> labels, String last) {
    List<String> all = new ArrayList<>(labels);
    all.add(last);
    return all;
  }

  private static List<Object> cells(List<Stage> group, List<String> spaces) {
    List<Object> cells = new ArrayList<>();
    for (String space : spaces) {
      cells.add(spread(group, EMA_STAR, space));
      cells.add(spread(group, LCSC, space));
      cells.add(
          group.stream().filter(stage -> stage.beatsTheEnd(space)).count() + " of " + group.size());
    }
    return cells;
  }

  private static Spread spread(List<Stage> group, String model, String score) {
    return Spread.of(
        group.stream()
            .mapToDouble(stage -> stage.score(model, score))
            .filter(Double::isFinite)
            .toArray());
  }
}
