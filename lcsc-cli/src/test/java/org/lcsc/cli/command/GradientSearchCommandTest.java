package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.experiment.output.CsvReader;
import org.lcsc.export.Recipe;
import org.lcsc.model.ModelFile;

/** Searches by gradients from end to end, on a network of a few hundred parameters. */
class GradientSearchCommandTest extends CommandLineTest {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model:
        kind: diffusion
        unet: { channels: 4, multipliers: [1], blocks: 1, dropout: 0.1 }
      training: { iterations: 24, batchSize: 16, learningRate: 2.0e-3, gradientClip: 1.0, seed: 3 }
      sampler: { kind: dpm-solver++, order: 2, steps: 3, batchSize: 40 }
      ema: { rates: [0.8, 0.95] }
      lcsc:
        window: 16
        interval: 2
        searchAt: [24]
        search: { evaluations: 46, samples: 80, seed: 7, strategy: { kind: gradient, starts: 2 } }
        validation: { samples: 80, seed: 8 }
        report: { samples: 80, seed: 9 }
        objective: fid
      output: %s
      """;

  private Path config;
  private Path run;

  @BeforeEach
  void writeConfig() throws IOException {
    run = directory.resolve("run");
    config = directory.resolve("config.yaml");
    Files.writeString(config, CONFIG.formatted(run));
  }

  private int train(String... assignments) {
    Stream<Object> sets = Arrays.stream(assignments).flatMap(a -> Stream.of("--set", a));
    return lcsc(Stream.concat(Stream.of("train", config), sets).toArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gradient", "stochastic-gradient"})
  void aTrainingIsSearchedByGradientsWithinTheBudget(String strategy) throws IOException {
    assertThat(train("lcsc.search.strategy={kind: " + strategy + ", starts: 2}"))
        .as(err.toString())
        .isZero();
    JsonNode search =
        new ObjectMapper().readTree(run.resolve("results.json").toFile()).get("searches").get(0);
    int gradients = search.get("gradients").asInt();
    assertThat(gradients).isGreaterThanOrEqualTo(10);
    assertThat(search.get("evaluations").asInt()).isBetween(43, 46);
    assertThat(search.get("gap").isNumber()).isTrue();
    assertThat(out.toString()).contains(" gradients)", "LCSC");
    List<List<String>> rows = CsvReader.rows(run.resolve("lcsc/24/search.csv"));
    double first = Double.parseDouble(rows.get(1).get(2));
    double best = Double.parseDouble(rows.get(rows.size() - 1).get(3));
    assertThat(best).as("best score").isLessThan(first);
  }

  @Test
  void aConsistencyModelIsSearchedThroughItsOneStep() throws IOException {
    assertThat(
            train(
                "model={kind: consistency-training, unet: {channels: 4, multipliers: [1], blocks:"
                    + " 1}}",
                "sampler={kind: consistency, batchSize: 40}"))
        .as(err.toString())
        .isZero();
    List<List<String>> rows = CsvReader.rows(run.resolve("lcsc/24/search.csv"));
    double first = Double.parseDouble(rows.get(1).get(2));
    double best = Double.parseDouble(rows.get(rows.size() - 1).get(3));
    assertThat(best).as("best score").isLessThan(first);
    assertThat(out.toString()).contains(" gradients)");
  }

  @Test
  void groupsOfLayersAreSearchedByGradientsThenEvolution() throws IOException {
    assertThat(
            train(
                "lcsc.search={evaluations: 46, samples: 80, seed: 7, strategy: {kind:"
                    + " gradient-evolution, gradient: {starts: 2}, gradients: 5}, groups:"
                    + " encoder-middle-decoder}"))
        .as(err.toString())
        .isZero();
    JsonNode search =
        new ObjectMapper().readTree(run.resolve("results.json").toFile()).get("searches").get(0);
    assertThat(search.get("gradients").asInt()).isEqualTo(5);
    Recipe recipe = Recipe.read(run.resolve("lcsc/24/recipe.json"));
    assertThat(recipe.groups())
        .extracting(Recipe.Group::name)
        .containsExactlyInAnyOrder("encoder", "middle", "decoder");
    assertThat(recipe.allCoefficients()).hasSize(3 * 8);
    Path model = directory.resolve("model.zip");
    succeeds("export", run, "--iteration", 24, "--out", model);
    assertThat(Recipe.read(directory.resolve("model.json")).sha256()).isEqualTo(recipe.sha256());
  }

  @Test
  void everyTimeRangeGetsAModelWhoseFreshScoreIsReproduced() throws IOException {
    // Samples of a model of 24 iterations have next to no recall to keep.
    assertThat(
            train("lcsc.search.timeRanges=2", "lcsc.search.keepRecall=false", "lcsc.keep=[window]"))
        .as(err.toString())
        .isZero();
    assertThat(out.toString()).contains("2", "by noise level (sigma below ", "; sigma from ");
    assertThat(Files.readString(run.resolve("results.md"))).contains("by noise level");
    JsonNode results = new ObjectMapper().readTree(run.resolve("results.json").toFile());
    assertThat(results.get("searches").get(0).get("timeRangeBoundaries")).hasSize(1);

    Path json = run.resolve("lcsc/24/recipe.json");
    Recipe recipe = Recipe.read(json);
    assertThat(recipe.ranges()).hasSize(2);
    assertThat(recipe.ranges().get(0).coefficients())
        .isNotEqualTo(recipe.ranges().get(1).coefficients());
    assertThat(run.resolve("lcsc/24/model.zip")).doesNotExist();

    succeeds("landscape", run, "--grid", 2, "--samples", 20);
    succeeds("report", run, "--pairs", 2);
    assertThat(run.resolve("report.html"))
        .content()
        .contains("lcsc/best.json")
        .doesNotContain("lcsc/best.zip");
    Path scores = directory.resolve("scores.json");
    Path low = run.resolve("lcsc/24/model-range0.zip");
    Path best = run.resolve("lcsc/best.json");
    succeeds("evaluate", json, low, best, "--samples", 80, "--seed", 9, "--out", scores);
    JsonNode models = new ObjectMapper().readTree(scores.toFile()).get("models");
    assertThat(models.get(0).get("fid").asDouble())
        .as("fresh FID of the combination")
        .isEqualTo(recipe.reportScores().get("FID"));
    assertThat(models.get(0).get("sha256").asText()).isEqualTo(recipe.sha256());
    assertThat(models.get(1).get("fid").asDouble())
        .as("one of its models for all noise levels")
        .isNotEqualTo(recipe.reportScores().get("FID"));
    assertThat(models.get(2).get("fid").asDouble())
        .isEqualTo(Recipe.read(best).reportScores().get("FID"));
    Path png = directory.resolve("grid.png");
    succeeds("sample", json, low, "--count", 4, "--out", png);
    assertThat(png).isNotEmptyFile();

    Path exported = directory.resolve("exported.zip");
    succeeds("export", run, "--iteration", 24, "--out", exported);
    assertThat(out.toString()).contains("exported-range0.zip", "exported-range1.zip");
    assertThat(exported).doesNotExist();
    assertThat(ModelFile.parameters(directory.resolve("exported-range1.zip")))
        .isEqualTo(ModelFile.parameters(run.resolve("lcsc/24/model-range1.zip")));
    succeeds(
        "evaluate",
        directory.resolve("exported.json"),
        "--config",
        run.resolve("config.yaml"),
        "--samples",
        80,
        "--seed",
        9,
        "--out",
        scores);
    assertThat(
            new ObjectMapper().readTree(scores.toFile()).get("models").get(0).get("fid").asDouble())
        .isEqualTo(recipe.reportScores().get("FID"));

    Files.copy(low, run.resolve("lcsc/24/model-range1.zip"), StandardCopyOption.REPLACE_EXISTING);
    refuses("its parameters are not those of " + json, "sample", json, "--out", png);
  }

  @Test
  void rangesThatTheSamplerCannotFillAreRefusedBeforeAnyWork() {
    assertThat(train("lcsc.search.timeRanges=4")).isEqualTo(2);
    assertThat(err.toString())
        .contains(
            "lcsc.search.timeRanges: the sampler evaluates its network at 3 noise levels, which"
                + " makes 1 to 3 ranges, got 4")
        .hasLineCount(1);
    assertThat(train("lcsc.search.timeRanges=[0.5, 5000]")).isEqualTo(2);
    assertThat(err.toString())
        .contains(
            "lcsc.search.timeRanges: the sampler never evaluates its network at sigma from 5000")
        .hasLineCount(1);
    assertThat(run).doesNotExist();
  }

  @Test
  void patternsThatMatchNothingAreRefusedBeforeAnyWork() {
    assertThat(train("lcsc.search.groups=[encoder.*]")).isEqualTo(2);
    assertThat(err.toString())
        .contains("lcsc.search.groups: pattern \"encoder.*\" matches no layer or parameter")
        .hasLineCount(1);
    assertThat(run).doesNotExist();
  }

  @Test
  void aSamplerThatClipsIsRefusedBeforeAnyWork() {
    assertThat(train("sampler={kind: ddim, steps: 2, clip: true}")).isEqualTo(2);
    assertThat(err.toString())
        .contains(
            "lcsc.search.strategy: gradient is not possible here", "through ddim", "clip: false")
        .hasLineCount(1);
    assertThat(run).doesNotExist();
  }
}
