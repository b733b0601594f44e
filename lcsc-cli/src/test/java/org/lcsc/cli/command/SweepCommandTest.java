package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lcsc.experiment.output.CsvReader;
import org.lcsc.export.Recipe;

/** Tiny studies, from end to end. */
class SweepCommandTest extends CommandLineTest {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model:
        kind: diffusion
        unet: { channels: 4, multipliers: [1], blocks: 1 }
      training: { iterations: 24, batchSize: 16, learningRate: 2.0e-3, gradientClip: 1.0, seed: 3 }
      sampler: { kind: ddim, steps: 2, batchSize: 40 }
      ema: { rates: [0.9] }
      lcsc:
        window: 16
        interval: 2
        searchAt: [24]
        search: { strategy: evolution, evaluations: 10, samples: 70, seed: 7 }
        validation: { samples: 70, seed: 8 }
        report: { samples: 70, seed: 9 }
      output: %s
      """;

  private Path config;
  private Path run;
  private Path study;
  private Path output;

  @BeforeEach
  void write() throws IOException {
    run = directory.resolve("run");
    output = directory.resolve("sweep");
    study = directory.resolve("study.yaml");
    config = directory.resolve("config.yaml");
    Files.writeString(config, CONFIG.formatted(run));
  }

  private void study(String mode, String rest) throws IOException {
    String kept = mode.equals("train") ? "" : "checkpoints: " + run.resolve("checkpoints") + "\n";
    Files.writeString(
        study,
        "base: " + config + "\nmode: " + mode + "\n" + kept + "output: " + output + "\n" + rest);
  }

  private List<List<String>> rows() throws IOException {
    List<List<String>> all = CsvReader.rows(output.resolve("results.csv"));
    return all.subList(1, all.size());
  }

  /** Cells by column, without the seconds, sorted by candidate. */
  private List<String> scores() throws IOException {
    List<List<String>> all = CsvReader.rows(output.resolve("results.csv"));
    List<String> header = all.get(0);
    return all.stream()
        .map(
            row ->
                java.util.stream.IntStream.range(0, row.size())
                    .filter(i -> !header.get(i).contains("seconds"))
                    .mapToObj(i -> header.get(i) + "=" + row.get(i))
                    .toList()
                    .toString())
        .sorted()
        .toList();
  }

  private void train() {
    succeeds("train", config, "--keep-checkpoints");
  }

  @Test
  void averagesOverTheWindowAreRanked() throws IOException {
    train();
    study(
        "ema",
        """
        axes:
          - { key: ema.rate, from: 0.5, to: 0.99, scale: log-from-one, steps: 3 }
          - { key: lcsc.interval, values: [2, 4] }
        """);
    succeeds("sweep", study);
    assertThat(out.toString())
        .contains("6 candidates, EMA FID, smaller is better")
        .contains("ema.rate \\ lcsc.interval");
    assertThat(rows()).hasSize(6).extracting(row -> row.get(1)).contains("0.5", "0.9293", "0.99");
    List<String> first = scores();

    // A finished candidate is not done again, one that is gone is, to the same bits.
    String gone = rows().get(2).get(0);
    Files.delete(output.resolve("candidates").resolve(gone).resolve("candidate.json"));
    succeeds("sweep", study);
    assertThat(err.toString().lines().filter(line -> line.endsWith("done before"))).hasSize(5);
    assertThat(scores()).isEqualTo(first);
  }

  @Test
  void searchesOfKeptCheckpointsAreScoredInTheSameWay() throws IOException {
    train();
    study(
        "search",
        """
        axes:
          - { key: lcsc.window, values: [8, 16] }
          - key: kind
            cases:
              - { label: any }
              - label: convex
                set: ["lcsc.search.strategy={kind: evolution, normalisation: convex}"]
          - { key: sampler.steps, values: [2, 4] }
        evaluation: { samples: 64, seed: 99, set: [sampler.steps=2] }
        threads: 2
        """);
    succeeds("sweep", study);
    assertThat(rows()).hasSize(8);
    List<String> header = CsvReader.rows(output.resolve("results.csv")).get(0);
    assertThat(header)
        .contains("evaluated FID", "LCSC FID", "EMA* FID", "checkpoints", "search seconds");
    for (List<String> row : rows()) {
      double checkpoints = Double.parseDouble(row.get(header.indexOf("checkpoints")));
      assertThat(checkpoints).isEqualTo(row.get(1).equals("8") ? 4 : 8);
      Path recipe =
          output.resolve("candidates").resolve(row.get(0)).resolve("run/lcsc/24/recipe.json");
      if (row.get(2).equals("convex")) {
        assertThat(Arrays.stream(Recipe.read(recipe).coefficients()).boxed())
            .as(row.toString())
            .allSatisfy(a -> assertThat(a).isNotNegative());
      }
    }
    assertThat(output.resolve("results.md")).content().contains("evaluated FID");
  }

  @Test
  void trainingsGoOnWhereTheyWereKilled() throws IOException {
    study(
        "train", "axes: [ { key: training.seed, values: [3, 4] } ]\nthreads: 1\nscore: EMA* FID\n");
    succeeds("sweep", study);
    assertThat(out.toString()).contains("mean and standard deviation over training.seed");
    assertThat(output.resolve("results.md"))
        .content()
        .startsWith("2 candidates, EMA\\* FID, smaller is better");
    List<String> first = scores();
    Path root = output.resolve("candidates").resolve(rows().get(0).get(0));
    // As a kill before the results were written leaves it.
    Files.delete(root.resolve("candidate.json"));
    Files.delete(root.resolve("run/results.json"));
    succeeds("sweep", study);
    assertThat(err.toString().lines().filter(line -> line.endsWith("done before"))).hasSize(1);
    assertThat(scores()).isEqualTo(first);
  }

  @Test
  void theStagesOfTrainingsAreTabledOverTheirRepetitions() throws IOException {
    study(
        "train",
        """
        set: ['lcsc.searchAt=[16, 24]']
        axes:
          - { key: training.batchSize, values: [16, 8] }
          - { key: training.seed, values: [3, 4] }
        over: [training.seed]
        """);
    succeeds("sweep", study);
    List<List<String>> rows = CsvReader.rows(output.resolve("stages.csv"));
    assertThat(rows.get(0))
        .startsWith("candidate", "training.batchSize", "training.seed", "iteration")
        .contains("model", "validation", "FID");
    int model = rows.get(0).indexOf("model");
    int fid = rows.get(0).indexOf("FID");
    List<List<String>> found = rows.stream().filter(row -> row.get(model).equals("LCSC")).toList();
    assertThat(found)
        .extracting(row -> row.get(1) + " " + row.get(2) + " " + row.get(3))
        .containsExactlyInAnyOrder(
            "16 3 16", "16 3 24", "16 4 16", "16 4 24", "8 3 16", "8 3 24", "8 4 16", "8 4 24");

    double[] repeated =
        found.stream()
            .filter(row -> row.get(1).equals("8") && row.get(3).equals("16"))
            .mapToDouble(row -> Double.parseDouble(row.get(fid)))
            .toArray();
    double mean = (repeated[0] + repeated[1]) / 2;
    String cell =
        String.format(
            java.util.Locale.ROOT,
            "%.3f \u00b1 %.3f",
            mean,
            Math.abs(repeated[0] - repeated[1]) / Math.sqrt(2));
    assertThat(output.resolve("results.md")).content().contains("By stages", cell, " of 2");
  }

  @Test
  void aGeneticStudyRepeatsAndSkipsWhatIsDone() throws IOException {
    train();
    study(
        "ema",
        """
        axes: [ { key: ema.rate, from: 0.3, to: 0.99, scale: log-from-one } ]
        generator: { kind: genetic, candidates: 7, population: 4, seed: 2 }
        """);
    succeeds("sweep", study);
    List<String> first = scores();
    assertThat(err.toString().lines()).hasSize(7);
    succeeds("sweep", study);
    assertThat(err.toString().lines()).hasSize(7).allMatch(line -> line.endsWith("done before"));
    assertThat(scores()).isEqualTo(first);
  }

  @Test
  void aStudyEndsAtItsTermination() throws IOException {
    train();
    study(
        "ema",
        """
        axes: [ { key: ema.rate, values: [0.5, 0.6, 0.7, 0.8] } ]
        termination: { score: 1.0e9 }
        """);
    succeeds("sweep", study);
    assertThat(rows()).as("the first score is good enough").hasSize(1);
  }

  private String cell(List<String> row, String column) throws IOException {
    return row.get(CsvReader.rows(output.resolve("results.csv")).get(0).indexOf(column));
  }

  /** Of candidates that an earlier form of the study made: the scores are theirs, not the names. */
  @Test
  void aChangedStudyTakesWhatIsDoneUnderItsOwnNames() throws IOException {
    train();
    String rates = "{ key: ema.rate, values: [0.5, 0.9] }";
    study("ema", "axes: [ " + rates + " ]");
    succeeds("sweep", study);
    study("ema", "axes: [ " + rates + " ]\nscore: EMA validation\n");
    succeeds("sweep", study);
    assertThat(err.toString().lines().filter(line -> line.endsWith("done before"))).hasSize(2);
    for (List<String> row : rows()) {
      assertThat(cell(row, "score")).isEqualTo(cell(row, "EMA validation"));
    }

    study("ema", "axes: [ { key: lcsc.report.seed, values: [9, 10] }, " + rates + " ]");
    succeeds("sweep", study);
    assertThat(rows()).hasSize(4);
    for (List<String> row : rows()) {
      assertThat(cell(row, "lcsc.report.seed")).isIn("9", "10");
      assertThat(cell(row, "ema.rate")).isIn("0.5", "0.9");
      assertThat(cell(row, "score")).isEqualTo(cell(row, "EMA FID"));
    }

    study("ema", "axes: [ " + rates + " ]\nscore: LCSC FID\n");
    assertThat(lcsc("sweep", study)).isEqualTo(1);
    assertThat(out.toString()).contains("failed: score: no such score (LCSC FID)");
    study("ema", "axes: [ " + rates + " ]");
    succeeds("sweep", study);
    assertThat(err.toString().lines().filter(line -> line.endsWith("done before"))).hasSize(2);
  }

  @Test
  void pointsThatMeanTheSameHaveARowEach() throws IOException {
    train();
    study(
        "ema",
        """
        axes:
          - { key: ema.rate, values: [0.5] }
          - key: samples
            cases: [ { label: base }, { label: seventy, set: [lcsc.report.samples=70] } ]
        """);
    succeeds("sweep", study);
    assertThat(rows()).hasSize(2).extracting(row -> row.get(2)).contains("base", "seventy");
    assertThat(rows()).extracting(row -> row.get(0)).containsOnly(rows().get(0).get(0));
  }

  @Test
  void oneCandidatesFailureIsNotTheOthers() throws IOException {
    train();
    study(
        "ema",
        "axes: [ { key: ema.rate, values: [0.5] }, { key: lcsc.window, values: [16, 32] } ]");
    assertThat(lcsc("sweep", study)).isEqualTo(1);
    assertThat(rows()).hasSize(2);
    assertThat(out.toString())
        .contains("failed:", "holds 8 checkpoints of window 32 and interval 2, needed: 16");
  }

  @Test
  void aMistakeIsOneLineBeforeAnyWork() throws IOException {
    study("train", "axes: [ { key: training.sed, values: [3] } ]");
    refuses("training.sed: unknown key (did you mean seed?)", "sweep", study);
    study("search", "axes: [ { key: lcsc.search.seed, values: [3] } ]");
    refuses("checkpoint directory", "sweep", study);
    study("train", "axes: [ { key: training.seed, values: [3] } ]");
    refuses(
        "--out: has no effect with a study (plots), allowed: with --plot",
        "sweep",
        study,
        "--out",
        "plots");
    refuses("--name: has no effect with a study (x)", "sweep", study, "--name", "x");
    refuses("--title: has no effect with a study (T)", "sweep", study, "--title", "T");
    refuses("--label: has no effect with a study (A=B)", "sweep", study, "--label", "A=B");
    assertThat(output).doesNotExist();
  }
}
