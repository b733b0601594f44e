package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.cli.Main;
import org.lcsc.experiment.output.CsvReader;
import picocli.CommandLine;

/** Strategies by name, from end to end, on a network of a few hundred parameters. */
class StudyCommandTest {

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

  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path config;
  private Path run;
  private Path csv;

  @BeforeEach
  void trainBriefly() throws IOException {
    run = directory.resolve("run");
    csv = directory.resolve("study.csv");
    config = directory.resolve("config.yaml");
    Files.writeString(config, CONFIG.formatted(run));
    assertThat(lcsc("train", config.toString(), "--keep-checkpoints")).as(err.toString()).isZero();
  }

  private int lcsc(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return command.execute(arguments);
  }

  private int study(String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of(
            "study",
            config.toString(),
            "--checkpoints",
            run.resolve("checkpoints").toString(),
            "--out",
            csv.toString()));
    arguments.addAll(List.of(more));
    return lcsc(arguments.toArray(String[]::new));
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
  void everyVariantAndSeedHasARowPerMark() throws IOException {
    String[] variants = {
      "evolution:parents=2,sigma=0.5",
      "pca-cma-es:components=3,racing.share=0.5",
      "cma-es:limit=1,penalty=0.1",
      "greedy-soup:ingredients=3"
    };
    List<String> arguments = new ArrayList<>(List.of("--seeds", "1,2", "--marks", "12,20"));
    for (String variant : variants) {
      arguments.addAll(List.of("--variant", variant));
    }
    assertThat(study(arguments.toArray(String[]::new))).as(err.toString()).isZero();
    assertThat(out.toString()).contains("12 search", "20 fresh").contains(variants);
    List<List<String>> rows = CsvReader.rows(csv);
    assertThat(rows).hasSize(1 + variants.length * 2 * 2);
    assertThat(rows.get(0))
        .startsWith("variant", "seed", "evaluations", "seconds", "search", "fresh FID");
    for (int i = 1; i < rows.size(); i += 2) {
      assertThat(rows.get(i).get(2)).isEqualTo("12");
      assertThat(rows.get(i + 1).get(2)).isEqualTo("20");
      assertThat(Double.parseDouble(rows.get(i + 1).get(4)))
          .as("the best so far never gets worse")
          .isLessThanOrEqualTo(Double.parseDouble(rows.get(i).get(4)));
    }
  }

  @Test
  void timeRangesGoWithEveryStrategyButTheSoup() throws IOException {
    String[] variants = {
      "gradient",
      "gradient:timeRanges=1",
      "gradient:timeRanges=2",
      "gradient:timeRanges=[0.7]",
      "gradient:timeRanges=2,groups=encoder-middle-decoder",
      "stochastic-gradient:timeRanges=2",
      "gradient-evolution:timeRanges=2",
      "evolution:timeRanges=2",
      "cma-es:timeRanges=2,penalty=0.1",
      "pca-cma-es:timeRanges=2,racing.share=0.5,racing.survivors=0.5"
    };
    List<String> arguments = new ArrayList<>(List.of("--marks", "20"));
    for (String variant : variants) {
      arguments.addAll(List.of("--variant", variant));
    }
    assertThat(study(arguments.toArray(String[]::new))).as(err.toString()).isZero();
    List<List<String>> rows = CsvReader.rows(csv);
    assertThat(rows).hasSize(1 + variants.length);
    assertThat(rows.get(2).subList(4, 6)).as("one range").isEqualTo(rows.get(1).subList(4, 6));
    assertThat(rows.get(3).get(4)).as("two ranges").isNotEqualTo(rows.get(1).get(4));
    assertThat(study("--variant", "greedy-soup:timeRanges=2")).isEqualTo(2);
    assertThat(err.toString()).contains("lcsc.search.timeRanges: has no effect");
  }

  @Test
  void theScoresAreTheSameToTheBitEveryTime() throws IOException {
    assertThat(study("--variant", "pca-cma-es")).isZero();
    List<List<String>> first = CsvReader.rows(csv);
    assertThat(study("--variant", "pca-cma-es")).isZero();
    List<List<String>> second = CsvReader.rows(csv);
    for (int i = 1; i < first.size(); i++) {
      assertThat(second.get(i).subList(4, 6)).isEqualTo(first.get(i).subList(4, 6));
    }
  }

  @Test
  void aMistakeIsOneLine() {
    assertThat(study("--variant", "annealing")).isEqualTo(2);
    assertThat(err.toString())
        .contains("unknown value (annealing)")
        .satisfies(text -> assertThat(text.lines()).hasSize(1));
    assertThat(study("--variant", "evolution:components=3")).isEqualTo(2);
    assertThat(err.toString()).contains("lcsc.search.strategy.components: unknown key");
    assertThat(study("--variant", "evolution", "--marks", "21")).isEqualTo(2);
    assertThat(err.toString()).contains("--marks: out of range (21), allowed: 1 to");
    assertThat(study("--variant", "evolution:limit=0.01")).isEqualTo(2);
    assertThat(err.toString()).contains("cannot sum to 1");
  }
}
