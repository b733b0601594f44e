package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lcsc.experiment.output.CsvReader;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Strategies by name, from end to end, on a network of a few hundred parameters. */
class SweepStrategiesTest extends CommandLineTest {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model:
        kind: diffusion
        unet: { channels: 4, multipliers: [1], blocks: 1 }
      training: { iterations: 24, batchSize: 16, learningRate: 2.0e-3, gradientClip: 1.0, seed: 3 }
      sampler: { kind: ddim, steps: 2, batchSize: 40 }
      ema:
        rates: [0.95]
        postHoc: { interval: 4 }
      lcsc:
        window: 16
        interval: 2
        searchAt: [16, 24]
        search: { evaluations: 20, samples: 80, seed: 7, strategy: pca-cma-es, warmStart: true }
        validation: { samples: 80, seed: 8 }
        report: { samples: 80, seed: 9 }
        greedySoup: 2
      output: %s
      """;

  private Path config;
  private Path run;
  private Path study;
  private Path output;

  @BeforeEach
  void trainBriefly() throws IOException {
    run = directory.resolve("run");
    output = directory.resolve("sweep");
    study = directory.resolve("study.yaml");
    config = directory.resolve("config.yaml");
    Files.writeString(config, CONFIG.formatted(run));
    succeeds("train", config, "--keep-checkpoints");
  }

  /** The study of some cases, each of a label and assignments. */
  private void study(String more, String... cases) throws IOException {
    Files.writeString(
        study,
        """
        base: %s
        mode: search
        checkpoints: %s/checkpoints
        %s
        axes:
          - { key: strategy, cases: [%s] }
          - { key: lcsc.search.seed, values: [1, 2] }
        output: %s
        """
            .formatted(config, run, more, String.join(", ", cases), output));
  }

  private List<List<String>> rows() throws IOException {
    return CsvReader.rows(output.resolve("curves.csv"));
  }

  @Test
  void aTrainingNamesItsBestBaselineAndKeepsItsCheckpoints() throws IOException {
    JsonNode search =
        new ObjectMapper().readTree(run.resolve("results.json").toFile()).get("searches").get(1);
    assertThat(search.get("bestBaseline").asText()).isNotEmpty();
    assertThat(search.get("overBestBaseline").get("noiseSets").asInt()).isEqualTo(4);
    assertThat(out.toString()).contains("greedy-soup").contains("beat");
    assertThat(run.resolve("checkpoints/iteration-24.zip")).isNotEmptyFile();
    try (var files = Files.list(run.resolve("checkpoints"))) {
      assertThat(files).hasSize(8);
    }
  }

  @Test
  void everyStrategyAndSeedHasARowPerMark() throws IOException {
    study(
        "marks: [20, 12]",
        "{ label: evolution, set: ['lcsc.search.strategy={ kind: evolution, parents: 2 }'] }",
        "{ label: racing, set: [lcsc.search.strategy.components=3, lcsc.search.racing.share=0.5] }",
        "{ label: limited, set: [lcsc.search.strategy=cma-es, lcsc.search.strategy.limit=1] }",
        "{ label: soup, set: [lcsc.search.strategy=greedy-soup, lcsc.search.strategy.ingredients=3] }");
    succeeds("sweep", study);
    assertThat(out.toString())
        .contains("fresh FID (2nd space)")
        .contains("Best so far", "soup", "±");
    List<List<String>> rows = rows();
    assertThat(rows).hasSize(1 + 4 * 2 * 2);
    assertThat(rows.get(0))
        .startsWith("variant", "seed", "evaluations", "seconds", "search", "fresh FID");
    for (int i = 1; i < rows.size(); i += 2) {
      assertThat(rows.get(i).subList(0, 2)).isEqualTo(rows.get(i + 1).subList(0, 2));
      assertThat(rows.get(i).get(2)).isEqualTo("12");
      assertThat(rows.get(i + 1).get(2)).isEqualTo("20");
      assertThat(Double.parseDouble(rows.get(i + 1).get(4)))
          .as("the best so far never gets worse")
          .isLessThanOrEqualTo(Double.parseDouble(rows.get(i).get(4)));
    }
    for (String name : List.of("curves-evaluations.svg", "curves-seconds.png")) {
      assertThat(output.resolve(name)).isNotEmptyFile();
    }
    assertThat(output.resolve("results.md")).content().containsPattern("\\| racing +\\| +20 \\|");

    // Other marks cost no search: the logs hold the best so far.
    study(
        "marks: [12]",
        "{ label: evolution, set: ['lcsc.search.strategy={ kind: evolution, parents: 2 }'] }");
    String id = CsvReader.rows(output.resolve("results.csv")).get(1).get(0);
    Path log = output.resolve("candidates").resolve(id).resolve("log.txt");
    succeeds("sweep", study);
    assertThat(log).content().as("no second search").doesNotContain("search@");
    assertThat(rows())
        .extracting(row -> row.subList(4, 6))
        .contains(rows.get(1).subList(4, 6))
        .hasSize(3);
  }

  @Test
  void timeRangesGoWithEveryStrategyButTheSoup() throws IOException {
    String two = "lcsc.search.timeRanges=2";
    study(
        "over: []\nmarks: [20]\nset: [lcsc.search.strategy=gradient]",
        "{ label: gradient }",
        "{ label: one, set: [lcsc.search.timeRanges=1] }",
        "{ label: two, set: [" + two + "] }",
        "{ label: boundary, set: ['lcsc.search.timeRanges=[0.7]'] }",
        "{ label: groups, set: [" + two + ", lcsc.search.groups=encoder-middle-decoder] }",
        "{ label: sg, set: [" + two + ", lcsc.search.strategy=stochastic-gradient] }",
        "{ label: ge, set: [" + two + ", lcsc.search.strategy=gradient-evolution] }",
        "{ label: evo, set: [" + two + ", lcsc.search.strategy=evolution] }",
        "{ label: cma, set: ["
            + two
            + ", lcsc.search.strategy=cma-es, lcsc.search.strategy.penalty=0.1] }");
    Files.writeString(study, Files.readString(study).replace("values: [1, 2]", "values: [1]"));
    succeeds("sweep", study);
    List<List<String>> rows = rows();
    assertThat(rows).hasSize(1 + 9);
    assertThat(rows.get(2).subList(4, 6)).as("one range").isEqualTo(rows.get(1).subList(4, 6));
    assertThat(rows.get(3).get(4)).as("two ranges").isNotEqualTo(rows.get(1).get(4));
    study("", "{ label: soup, set: [lcsc.search.strategy=greedy-soup, " + two + "] }");
    refuses("lcsc.search.timeRanges: has no effect", "sweep", study);
  }

  @Test
  void theScoresAreTheSameToTheBitEveryTime() throws IOException {
    study("marks: [10, 20]", "{ label: pca }");
    succeeds("sweep", study);
    List<List<String>> first = rows();
    output = directory.resolve("again");
    study("marks: [10, 20]", "{ label: pca }");
    succeeds("sweep", study);
    assertThat(rows())
        .extracting(row -> row.subList(4, 6))
        .isEqualTo(first.stream().map(row -> row.subList(4, 6)).toList());
  }

  @Test
  void aMistakeIsOneLine() throws IOException {
    study("", "{ label: a, set: [lcsc.search.strategy=annealing] }");
    refuses("unknown value (annealing)", "sweep", study);
    study(
        "", "{ label: a, set: [lcsc.search.strategy=cma-es, lcsc.search.strategy.components=3] }");
    refuses("lcsc.search.strategy.components: unknown key", "sweep", study);
    study("marks: [21]", "{ label: a }");
    refuses("marks: out of range (21), allowed: 1 to the evaluations, 20", "sweep", study);
    study(
        "", "{ label: a, set: [lcsc.search.strategy=evolution, lcsc.search.strategy.limit=0.01] }");
    refuses("lcsc.search.strategy.limit: too small (0.01)", "sweep", study);
    assertThat(lcsc("study", config)).isEqualTo(2);
    assertThat(err.toString()).contains("lcsc sweep");
    assertThat(lcsc("plot-study", config)).isEqualTo(2);
    assertThat(err.toString()).contains("lcsc sweep");
  }
}
