package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.listeners.CheckpointListener;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.output.CsvReader;
import org.lcsc.export.Recipe;
import org.lcsc.io.Sha256;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** {@code train} and {@code search} from end to end, on a network of a few hundred parameters. */
class TrainAndSearchCommandTest extends CommandLineTest {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model:
        kind: diffusion
        unet: { channels: 4, multipliers: [1], blocks: 1 }
      training: { iterations: 24, batchSize: 16, learningRate: 2.0e-3, gradientClip: 1.0, seed: 3 }
      sampler: { kind: ddim, steps: 2, batchSize: 40 }
      ema: { rates: [0.8, 0.95] }
      lcsc:
        window: 16
        interval: 2
        searchAt: [12, 24]
        search: { strategy: evolution, evaluations: 10, samples: 80, seed: 7 }
        validation: { samples: 80, seed: 8 }
        report: { samples: 80, seed: 9 }
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

  @Test
  void aTrainingLeavesModelsRecipesTablesAndSamples() throws Exception {
    succeeds("train", config);

    assertThat(out.toString())
        .contains("Iteration 12", "Iteration 24", "last", "ema-0.8", "EMA* (", "uniform", "LCSC")
        .contains("10 evaluations over 8 checkpoints", "merging", "sampling", "statistics");
    assertThat(run.resolve("samples/compare-24.png")).isNotEmptyFile();
    assertThat(run.resolve("results.md")).content().contains("| model");
    assertThat(run.resolve("report.html"))
        .content()
        .contains(
            "<h3 id=\"r0-iteration-24\">", "EMA* and LCSC from the same noise, at iteration 24")
        .doesNotContain("http-equiv");
    JsonNode results = new ObjectMapper().readTree(run.resolve("results.json").toFile());
    assertThat(results.get("searches")).hasSize(2);
    assertThat(results.get("iterations").asInt()).isEqualTo(24);
    assertThat(CsvReader.rows(run.resolve("lcsc/24/search.csv"))).hasSize(11);

    Recipe recipe = Recipe.read(run.resolve("lcsc/24/recipe.json"));
    INDArray merged =
        ComputationGraph.load(run.resolve("lcsc/24/model.zip").toFile(), false).params();
    assertThat(Sha256.of(merged)).isEqualTo(recipe.sha256());
    assertThat(recipe.coefficients()).hasSize(8);
    assertThat(recipe.provenance()).containsKey("datasetFingerprint");
    for (String rate : List.of("0.8", "0.95")) {
      assertThat(run.resolve("ema/" + rate + ".zip")).isNotEmptyFile();
    }
  }

  @Test
  void theSameSeedGivesTheSameModelToTheBit() throws Exception {
    succeeds("train", config);
    String first = Recipe.read(run.resolve("lcsc/24/recipe.json")).sha256();
    succeeds("train", config, "--overwrite");
    assertThat(Recipe.read(run.resolve("lcsc/24/recipe.json")).sha256()).isEqualTo(first);
    succeeds("train", config, "--overwrite", "--set", "training.seed=4");
    assertThat(Recipe.read(run.resolve("lcsc/24/recipe.json")).sha256()).isNotEqualTo(first);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kid | gradient",
        "kid | evolution",
        "mind | gradient",
        "mind | evolution",
        "{ kind: mixture, parts: [{ objective: fid }, { objective: kid }] } | gradient",
        "{ kind: mixture, parts: [{ objective: fid }, { objective: kid }] } | evolution",
      })
  void everyObjectiveSearches(String objective, String strategy) throws IOException {
    List<Object> arguments =
        new ArrayList<>(List.of("train", config, "--set", "lcsc.objective=" + objective));
    arguments.addAll(List.of("--set", "lcsc.search.strategy=" + strategy));
    if (strategy.equals("evolution")) {
      arguments.addAll(List.of("--set", "lcsc.search.racing={ share: 0.5 }"));
    }
    succeeds(arguments.toArray());
    Recipe recipe = Recipe.read(run.resolve("lcsc/24/recipe.json"));
    assertThat(recipe.validationScore()).isFinite();
  }

  @Test
  void theEngineOfTheSamplesChangesScoresByRounding() throws Exception {
    Map<String, Recipe> recipes = new HashMap<>();
    for (String engine : List.of("dl4j", "onnxruntime", "auto", "onnxruntime")) {
      String set = "sampler.engine=" + engine;
      succeeds("train", config, "--overwrite", "--set", set);
      Recipe recipe = Recipe.read(run.resolve("lcsc/24/recipe.json"));
      String decided = RunConfig.read(run.resolve("config.yaml")).sampler().engine().kind();
      assertThat(decided).isIn("dl4j", "onnxruntime");
      assertThat(recipe.provenance().get("sampler").toString()).endsWith(", by " + decided);
      Recipe before = recipes.put(decided, recipe);
      if (before != null) {
        assertThat(recipe.sha256()).as(engine + " again").isEqualTo(before.sha256());
        assertThat(recipe.reportScores()).isEqualTo(before.reportScores());
      }
    }
    double ours = last(recipes.get("dl4j"));
    assertThat(last(recipes.get("onnxruntime"))).isCloseTo(ours, withinPercentage(0.1));
    succeeds("sample", run.resolve("lcsc/24/model.zip"), "--out", grid());
    assertThat(grid()).isNotEmptyFile();
  }

  private Path grid() {
    return directory.resolve("grid.png");
  }

  private static double last(Recipe recipe) {
    return recipe.baselines().stream()
        .filter(score -> score.model().equals("last"))
        .findFirst()
        .orElseThrow()
        .validationScore();
  }

  @Test
  void anEngineThatIsNotHereIsRefusedByCheckAsByTrain() {
    for (String command : List.of("check", "train")) {
      String set = "sampler.engine=onnxruntime-cuda";
      // Without the warning that the window is never full.
      String window = "lcsc.window=12";
      refuses(
          "sampler.engine: the ONNX Runtime on the class path has no CUDA",
          command,
          config,
          "--set",
          set,
          "--set",
          window);
    }
    assertThat(run).doesNotExist();
  }

  @Test
  void aTargetEndsTheTraining() throws Exception {
    succeeds("train", config, "--set", "lcsc.target=1e9");
    JsonNode results = new ObjectMapper().readTree(run.resolve("results.json").toFile());
    assertThat(results.get("iterations").asInt()).isEqualTo(12);
    assertThat(out.toString()).contains("stopped: ", "below the target");
  }

  @Test
  void aDivergedTrainingFailsWithOneLineAndKeepsWhatItHad() throws IOException {
    // The updates are not finite from the start, and clipping cannot help that.
    int code =
        lcsc("train", config, "--set", "training.learningRate=1e38", "--set", "training.warmup=20");
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("lcsc: the training diverged: a parameter was not finite");
    assertThat(run.resolve("results.json")).isNotEmptyFile();
    assertThat(run.resolve("state")).doesNotExist();

    // Later, after some checkpoints: the search that was still to come takes place at once.
    String rate = "training.learningRate=1e5";
    Object[] again = {"train", config, "--overwrite", "--set", rate, "--set", "training.warmup=20"};
    assertThat(lcsc(again)).isEqualTo(1);
    JsonNode results = new ObjectMapper().readTree(run.resolve("results.json").toFile());
    assertThat(results.get("iterations").asInt()).isBetween(4, 11);
    assertThat(results.get("searches")).hasSize(1);
    assertThat(results.get("searches").get(0).get("best").asText()).isNotEqualTo("last");
  }

  @Test
  void aTrainingIsFollowedByAScoreOfOnesOwnAlone() {
    assertThat(lcsc("search", config, "--follow", directory)).isEqualTo(2);
    assertThat(err.toString()).contains("--follow: " + config).contains("with objective");
  }

  @Test
  void checkpointsOfDeeplearning4jsListenerAreSearched() throws Exception {
    Path checkpoints = checkpoints(RunConfig.read(config));
    Object[] search = {"search", config, "--checkpoints", checkpoints};
    succeeds(search);
    assertThat(out.toString())
        .as("a window of 16 iterations")
        .contains("4 checkpoints of iterations 9 to 21");
    Object[] wider = Arrays.copyOf(search, 7);
    System.arraycopy(
        new String[] {"--overwrite", "--set", "lcsc.window=20"}, 0, wider, search.length, 3);
    succeeds(wider);
    assertThat(out.toString()).contains("5 checkpoints of iterations 5 to 21", "LCSC");
    // The listener counts from 0: what it calls iteration 4 has 5 updates applied.
    Recipe recipe = Recipe.read(run.resolve("lcsc/21/recipe.json"));
    assertThat(recipe.checkpoints()).containsExactly(5, 9, 13, 17, 21);
    INDArray merged =
        ComputationGraph.load(run.resolve("lcsc/21/model.zip").toFile(), false).params();
    assertThat(Sha256.of(merged)).isEqualTo(recipe.sha256());

    // An average that the training kept is compared too, here a model in its place.
    String ema = "0.9=" + run.resolve("lcsc/21/model.zip");
    Path other = directory.resolve("other");
    succeeds(
        "search", config, "--checkpoints", checkpoints, "--ema", ema, "--set", "output=" + other);
    assertThat(Recipe.read(other.resolve("lcsc/21/recipe.json")).baselines())
        .anyMatch(baseline -> baseline.model().equals("ema-0.9"));
  }

  private Path checkpoints(RunConfig settings) throws IOException {
    Path checkpoints = directory.resolve("checkpoints");
    Files.createDirectories(checkpoints);
    Experiment experiment = Experiment.load(settings);
    ComputationGraph network = experiment.newNetwork();
    network.setListeners(
        new CheckpointListener.Builder(checkpoints.toFile())
            .keepAll()
            .saveEveryNIterations(4)
            .build());
    network.fit(experiment.batches(0, network, null));
    return checkpoints;
  }

  /** What was written but the progress of statistics that were not in the cache. */
  private List<String> mistakes() {
    return err.toString().lines().filter(line -> !line.startsWith("statistics ")).toList();
  }

  @Test
  void checkpointsOfAnotherArchitectureAreRefused() throws Exception {
    Path checkpoints = checkpoints(RunConfig.read(config));
    assertThat(
            lcsc("search", config, "--checkpoints", checkpoints, "--set", "model.unet.channels=8"))
        .isEqualTo(2);
    assertThat(mistakes()).hasSize(1).first().asString().contains("another architecture");
  }

  @Test
  void tooFewCheckpointsAreRefused() throws Exception {
    Path checkpoints = checkpoints(RunConfig.read(config));
    assertThat(lcsc("search", config, "--checkpoints", checkpoints, "--newest", "1")).isEqualTo(2);
    assertThat(mistakes()).hasSize(1);
    refuses(
        "has 1 checkpoints of window 4 and interval 2, needed: at least 2",
        "search",
        config,
        "--checkpoints",
        checkpoints,
        "--set",
        "lcsc.window=4");
    assertThat(lcsc("search", config, "--checkpoints", directory + "/none")).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1);
  }

  @Test
  void whatCannotBeTrainedIsToldBeforeAnyWork() throws Exception {
    assertThat(lcsc("train", config, "--set", "model.kind=consistency-training")).isEqualTo(2);
    assertThat(err.toString()).contains("sampler.kind: not for model.kind: consistency-training");
    assertThat(lcsc("train", config, "--set", "lcsc.intervall=3")).isEqualTo(2);
    assertThat(err.toString()).contains("lcsc.intervall: unknown key");
    assertThat(lcsc("train", directory + "/missing.yaml")).isEqualTo(2);
    assertThat(lcsc("train", config, "--set", "nonsense")).isEqualTo(2);
    assertThat(err.toString()).contains("expected key.path=value, got nonsense");
    assertThat(run).doesNotExist();
  }

  @Test
  void aFinishedRunIsNotOverwrittenUnasked() throws Exception {
    succeeds("train", config, "--set", "lcsc.searchAt=[12]");
    byte[] before = Files.readAllBytes(run.resolve("results.json"));
    assertThat(lcsc("train", config)).isEqualTo(2);
    assertThat(Files.readAllBytes(run.resolve("results.json"))).isEqualTo(before);
  }

  @Test
  void theGlobalRandomGeneratorIsNotDrawnFrom() throws Exception {
    succeeds("train", config);
    double first = Nd4j.getRandom().nextDouble();
    succeeds("train", config, "--overwrite");
    // Deeplearning4j seeds it when it makes the network; nothing draws from it after that.
    assertThat(Nd4j.getRandom().nextDouble()).isEqualTo(first);
  }
}
