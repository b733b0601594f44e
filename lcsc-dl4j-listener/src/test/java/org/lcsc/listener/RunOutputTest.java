package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.export.ModelExporter;
import org.lcsc.export.Recipe;
import org.lcsc.export.RecipeFiles;
import org.lcsc.export.Versions;
import org.lcsc.io.Sha256;
import org.lcsc.model.CheckpointDirectory;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.PartialObjective;
import org.lcsc.objective.StageSeconds;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.SearchLog;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class RunOutputTest {

  @TempDir private Path run;

  private List<String> files() throws Exception {
    try (Stream<Path> all = Files.walk(run)) {
      return all.filter(Files::isRegularFile)
          .map(file -> run.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void runDirectoryHoldsModelsRecipesAndLog() throws Exception {
    ComputationGraph graph = Trainings.graph();
    try (CheckpointWindow window = Trainings.window(graph, 12, 3)) {
      LcscListener listener =
          Trainings.listener(graph, window)
              .searchAt(20)
              .output(run)
              .provenance(Map.of("data", "clouds", "samples", 320))
              .report(parameters -> Map.of("norm", parameters.norm2Number().doubleValue()))
              .build();
      graph.addListeners(listener);
      Trainings.fit(graph, 2);
      assertThat(files())
          .containsExactly(
              "ema/0.8.zip",
              "ema/0.95.zip",
              "lcsc/20/model.zip",
              "lcsc/20/recipe.json",
              "lcsc/20/search.csv",
              "lcsc/best.json",
              "lcsc/best.zip");
      LcscResult result = listener.results().get(0);
      assertThat(SearchLog.read(run.resolve("lcsc/20/search.csv"))).hasSize(60);

      Path file = run.resolve("lcsc/20/model.zip");
      ComputationGraph merged = ComputationGraph.load(file.toFile(), false);
      INDArray parameters = listener.mergedParameters().orElseThrow();
      assertThat(merged.params()).isEqualTo(parameters);
      assertThat(merged.getIterationCount()).isEqualTo(20);
      INDArray input = Trainings.samples(4, 8).getFeatures();
      ComputationGraph expected = Trainings.graph();
      expected.setParams(parameters);
      assertThat(merged.outputSingle(input)).isEqualTo(expected.outputSingle(input));

      Recipe recipe = Recipe.read(run.resolve("lcsc/20/recipe.json"));
      assertThat(recipe.model()).isEqualTo("lcsc");
      assertThat(recipe.iteration()).isEqualTo(20);
      assertThat(recipe.checkpoints()).isEqualTo(result.checkpoints());
      assertThat(recipe.coefficients()).isEqualTo(result.coefficients());
      assertThat(recipe.validationScore()).isEqualTo(result.validationScore());
      assertThat(recipe.reportScores()).isEqualTo(result.reportScores()).containsKey("norm");
      assertThat(recipe.search().seed()).isEqualTo(5);
      assertThat(recipe.search().evaluations()).isEqualTo(60);
      assertThat(recipe.search().objective()).isEqualTo("data-set-loss");
      assertThat(recipe.baselines())
          .extracting(Recipe.Score::model)
          .containsExactlyElementsOf(result.baselines().stream().map(ScoredModel::label).toList());
      assertThat(recipe.provenance()).isEqualTo(Map.of("data", "clouds", "samples", 320));
      assertThat(recipe.parameters()).isEqualTo(graph.numParams());
      assertThat(recipe.sha256()).isEqualTo(Sha256.of(merged.params()));

      Recipe best = Recipe.read(run.resolve("lcsc/best.json"));
      assertThat(best.model()).isEqualTo(result.best().label());
      assertThat(best.sha256())
          .isEqualTo(
              Sha256.of(
                  ComputationGraph.load(run.resolve("lcsc/best.zip").toFile(), false).params()));
    }
  }

  @Test
  void everyBaselineThatIsReportedCanBeKept() throws Exception {
    ComputationGraph graph = Trainings.graph();
    try (CheckpointWindow window = Trainings.window(graph, 12, 3)) {
      LcscListener listener =
          Trainings.listener(graph, window)
              .searchAt(20)
              .output(run)
              .keepBaselines(true)
              .report(parameters -> Map.of("norm", parameters.norm2Number().doubleValue()))
              .build();
      graph.addListeners(listener);
      Trainings.fit(graph, 1);
      LcscResult result = listener.results().get(0);
      List<String> kept =
          files().stream()
              .filter(file -> file.startsWith("lcsc/20/") && file.endsWith(".zip"))
              .map(file -> file.substring("lcsc/20/".length(), file.length() - ".zip".length()))
              .toList();
      assertThat(kept)
          .contains("last", "uniform", "ema-0.8", "ema-0.95", result.emaStar().label())
          .contains(result.bestBaseline().label());
      for (ScoredModel baseline : result.baselines()) {
        String label = baseline.label();
        assertThat(kept.contains(label)).as(label).isEqualTo(!baseline.reportScores().isEmpty());
        if (kept.contains(label)) {
          INDArray parameters =
              ComputationGraph.load(run.resolve("lcsc/20/" + label + ".zip").toFile(), false)
                  .params();
          assertThat(parameters.norm2Number().doubleValue())
              .as(label)
              .isEqualTo(baseline.reportScores().get("norm"));
          Recipe recipe = Recipe.read(run.resolve("lcsc/20/" + label + ".json"));
          assertThat(recipe.model()).isEqualTo(label);
          assertThat(recipe.sha256()).isEqualTo(Sha256.of(parameters));
          assertThat(recipe.baselines()).extracting(Recipe.Score::model).contains("lcsc");
        }
      }
      assertThat(ComputationGraph.load(run.resolve("lcsc/20/last.zip").toFile(), false).params())
          .isEqualTo(graph.params());
    }
  }

  @Test
  void modelCanBeMadeAgainFromRecipeAndCheckpoints() throws Exception {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener = Trainings.listener(network, window).searchAt(20).output(run).build();
      network.addListeners(listener);
      Trainings.fit(network, 1);
      listener.writeCheckpoints(network, run.resolve("window"));
      Recipe recipe = Recipe.read(run.resolve("lcsc/20/recipe.json"));
      assertThat(Sha256.of(window.merge(recipe.coefficients()))).isEqualTo(recipe.sha256());
    }
    Recipe recipe = Recipe.read(run.resolve("lcsc/20/recipe.json"));
    try (CheckpointWindow again = CheckpointDirectory.open(run.resolve("window")).load()) {
      assertThat(again.iterations()).isEqualTo(recipe.checkpoints());
      INDArray merged = again.merge(recipe.coefficients());
      MultiLayerNetwork model =
          MultiLayerNetwork.load(run.resolve("lcsc/20/model.zip").toFile(), false);
      assertThat(Sha256.of(model.params())).isEqualTo(recipe.sha256());
      // The ring adds up in another order than a window filled from files.
      assertThat(model.params().equalsWithEps(merged, 1e-6)).isTrue();
      assertThat(model.getIterationCount()).isEqualTo(20);
    }
  }

  @Test
  void aModelOfGroupsCanBeMadeAgainFromItsRecipe() throws Exception {
    ComputationGraph graph = Trainings.graph();
    try (CheckpointWindow window = Trainings.window(graph, 12, 3)) {
      LcscListener listener =
          Trainings.listener(graph, window)
              .groups(ParameterGrouping.patterns(List.of(".*_b", "0")))
              .searchAt(10, 20)
              .search(Trainings.search(true))
              .output(run)
              .build();
      graph.addListeners(listener);
      Trainings.fit(graph, 1);
      LcscResult result = listener.results().get(1);
      Recipe recipe = Recipe.read(run.resolve("lcsc/20/recipe.json"));
      assertThat(recipe.groups())
          .extracting(Recipe.Group::name)
          .containsExactly("0", ".*_b", "rest");
      assertThat(recipe.coefficients()).isEmpty();
      assertThat(recipe.allCoefficients()).isEqualTo(result.search().coefficients());
      assertThat(recipe.groups())
          .allSatisfy(
              group -> {
                assertThat(group.coefficients()).hasSize(4);
                assertThat(Arrays.stream(group.coefficients()).sum()).isCloseTo(1, within(1e-12));
              });
      INDArray again = window.merge(recipe.allCoefficients(), recipe.parameterGroups());
      assertThat(Sha256.of(again)).isEqualTo(recipe.sha256());
      ComputationGraph model =
          ComputationGraph.load(run.resolve("lcsc/20/model.zip").toFile(), false);
      assertThat(Sha256.of(model.params())).isEqualTo(recipe.sha256());
      assertThat(result.best().validationScore())
          .as("never loses to EMA*")
          .isLessThanOrEqualTo(result.emaStar().validationScore());
      assertThat(Recipe.read(run.resolve("lcsc/best.json")).model()).isNotEmpty();
    }
  }

  /**
   * Two classifiers, each scored on data of its own as those of two noise levels would be; a single
   * one is scored on both.
   */
  private static Objective ranged(ComputationGraph graph, TimeRanges ranges, long seed) {
    Objective first = Trainings.loss(graph, seed, 100);
    Objective second = Trainings.loss(graph, seed + 50, 100);
    return Objective.of(
        "loss",
        parameters -> {
          boolean single = parameters.length() == graph.numParams();
          INDArray low = single ? parameters : ranges.part(parameters, 0).dup();
          INDArray high = single ? parameters : ranges.part(parameters, 1).dup();
          return first.evaluate(low).score() + second.evaluate(high).score();
        });
  }

  @Test
  void everyTimeRangeIsAModelFile() throws Exception {
    ComputationGraph graph = Trainings.graph();
    TimeRanges ranges = new TimeRanges(List.of(0.5));
    try (CheckpointWindow window = Trainings.window(graph, 12, 3)) {
      LcscListener listener =
          Trainings.listener(graph, window)
              .objective(ranged(graph, ranges, 11))
              .validation(ranged(graph, ranges, 12))
              .noiseSets(List.of(ranged(graph, ranges, 13), ranged(graph, ranges, 14)))
              .report(parameters -> Map.of("length", (double) parameters.length()))
              .timeRanges(ranges)
              .searchAt(10, 20)
              .search(Trainings.search(true))
              .baselines(Baselines.DEFAULT.withGreedySoup(2))
              .output(run)
              .build();
      // What an earlier single best left.
      Files.createDirectories(run.resolve("lcsc"));
      Files.writeString(run.resolve("lcsc/best.zip"), "stale");
      graph.addListeners(listener);
      Trainings.fit(graph, 1);
      LcscResult result = listener.results().get(1);
      assertThat(result.best().validationScore())
          .as("never loses to EMA*")
          .isLessThanOrEqualTo(result.emaStar().validationScore());
      assertThat(result.reportScores()).containsEntry("length", 2.0 * graph.numParams());
      assertThat(result.emaStar().reportScores()).containsEntry("length", 1.0 * graph.numParams());
      assertThat(files())
          .contains("lcsc/20/model-range0.zip", "lcsc/20/model-range1.zip", "lcsc/20/recipe.json")
          .doesNotContain("lcsc/20/model.zip");

      Recipe recipe = Recipe.read(run.resolve("lcsc/20/recipe.json"));
      assertThat(recipe.timeRanges()).isEqualTo(ranges);
      assertThat(recipe.parameters()).isEqualTo(graph.numParams());
      assertThat(recipe.allCoefficients()).isEqualTo(result.coefficients());
      INDArray merged = listener.mergedParameters().orElseThrow();
      assertThat(merged.length()).isEqualTo(2 * graph.numParams());
      assertThat(recipe.sha256()).isEqualTo(Sha256.of(merged));
      for (int range = 0; range < 2; range++) {
        assertThat(Arrays.stream(recipe.ranges().get(range).coefficients()).sum())
            .isCloseTo(1, within(1e-9));
        Path file = run.resolve("lcsc/20/model-range" + range + ".zip");
        INDArray model = ComputationGraph.load(file.toFile(), false).params();
        assertThat(model).isEqualTo(ranges.part(merged, range));
        assertThat(Sha256.of(model)).isEqualTo(recipe.ranges().get(range).sha256());
      }
      Recipe best = Recipe.read(run.resolve("lcsc/best.json"));
      boolean several = !best.ranges().isEmpty();
      assertThat(several)
          .isEqualTo(listener.bestParameters().orElseThrow().length() == 2 * graph.numParams());
      assertThat(Files.exists(run.resolve("lcsc/best-range1.zip"))).isEqualTo(several);
      assertThat(Files.exists(run.resolve("lcsc/best.zip"))).isNotEqualTo(several);

      // A killed training continues with models of several ranges.
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      listener.state().write(new DataOutputStream(bytes));
      ListenerState state =
          ListenerState.read(
              new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())),
              graph.numParams());
      assertThat(state.merged()).isEqualTo(merged);
    }
  }

  @Test
  void aModelOfTheOtherKindIsNotLeftBesideARecipe() throws Exception {
    ComputationGraph graph = Trainings.graph();
    TimeRanges ranges = new TimeRanges(List.of(0.5));
    Path path = run.resolve("best.json");
    Recipe single = recipe(graph, List.of(), new double[] {1});
    INDArray params = graph.params().dup();
    INDArray stacked = Nd4j.concat(0, params, params.mul(0.5));
    ParameterGroups whole = ParameterGroups.whole(params.length());
    Recipe two =
        recipe(graph, Recipe.ranges(ranges, whole, new double[] {1, 1}, stacked), new double[0]);
    RecipeFiles.write(path, two, ModelExporter.writer(graph), stacked);
    assertThat(files()).containsExactly("best-range0.zip", "best-range1.zip", "best.json");
    RecipeFiles.write(path, single, ModelExporter.writer(graph), params);
    assertThat(files()).containsExactly("best.json", "best.zip");
    RecipeFiles.write(path, two, ModelExporter.writer(graph), stacked);
    assertThat(files()).containsExactly("best-range0.zip", "best-range1.zip", "best.json");
  }

  private static Recipe recipe(
      ComputationGraph graph, List<Recipe.Range> ranges, double[] coefficients) {
    return new Recipe(
        "lcsc",
        20,
        new long[] {20},
        coefficients,
        List.of(),
        ranges,
        new Recipe.Search(
            "gradient", "fid", "fid", 1, 1, 0, "TIME", List.of(), 1, StageSeconds.ZERO, 1),
        1,
        Map.of(),
        List.of(),
        graph.numParams(),
        "",
        Versions.current(),
        Map.of());
  }

  /** An objective that can score on a part of many samples. */
  private record Parts(Objective whole) implements PartialObjective {

    @Override
    public String name() {
      return whole.name();
    }

    @Override
    public int samples() {
      return 1000;
    }

    @Override
    public Evaluation evaluate(INDArray parameters) {
      return whole.evaluate(parameters);
    }

    @Override
    public Evaluation evaluate(INDArray parameters, double share) {
      return whole.evaluate(parameters);
    }
  }

  private LcscResult result(UnaryOperator<Objective> validation) {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener =
          Trainings.listener(network, window)
              .validation(validation.apply(Trainings.loss(network, 12, 200)))
              .searchAt(20)
              .output(run)
              .build();
      network.addListeners(listener);
      Trainings.fit(network, 1);
      return listener.results().get(0);
    }
  }

  @Test
  void averagesThatAreLeftOutAreCounted() throws Exception {
    LcscResult all = result(objective -> objective);
    assertThat(all.screenedOut()).isZero();
    assertThat(Recipe.read(run.resolve("lcsc/20/recipe.json")).provenance())
        .doesNotContainKey(Recipe.SCREENED_OUT);
    LcscResult fewer = result(Parts::new);
    assertThat(fewer.screenedOut())
        .isPositive()
        .isEqualTo(all.baselines().size() - fewer.baselines().size());
    assertThat(Recipe.read(run.resolve("lcsc/20/recipe.json")).provenance())
        .containsEntry(Recipe.SCREENED_OUT, fewer.screenedOut());
  }

  @Test
  void averagesAreWrittenAsTheyAre() throws Exception {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener =
          LcscListener.builder().window(window).emaRates(0.9999).output(run).build();
      network.addListeners(listener);
      INDArray initial = network.params().dup();
      Trainings.fit(network, 1);
      listener.writeAverages(network);
      assertThat(files()).containsExactly("ema/0.9999.zip");
      INDArray average =
          MultiLayerNetwork.load(run.resolve("ema/0.9999.zip").toFile(), false).params();
      assertThat(average).isEqualTo(listener.emas().get(0).parameters());
      assertThat(average.distance2(initial)).isCloseTo(0, within(0.01)).isNotEqualTo(0.0);
    }
  }

  @Test
  void unwritablePlacesAreNamedBeforeAnyWork() throws Exception {
    Path file = Files.createFile(run.resolve("file"));
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      assertThatThrownBy(() -> LcscListener.builder().window(window).output(file).build())
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage("cannot make the directory " + file + ": " + file + " is a file");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LcscListener.builder().provenance(Map.of("a", new Object())))
        .withMessageStartingWith("provenance must be writable as JSON")
        .withMessageNotContaining("\n");
  }

  @Test
  void resultThatCannotBeWrittenIsNamedAndKept() throws Exception {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener = Trainings.listener(network, window).searchAt(20).output(run).build();
      network.addListeners(listener);
      Files.createFile(run.resolve("ema"));
      assertThatThrownBy(() -> Trainings.fit(network, 1))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageStartingWith("cannot write " + run.resolve("ema/0.8.zip"))
          .hasMessageNotContaining("\n");
      assertThat(listener.results()).hasSize(1);
      assertThat(run.resolve("lcsc/20/model.zip")).exists();
    }
  }

  @Test
  void searchWhoseFilesCouldNotBeWrittenIsMadeAgain() throws Exception {
    MultiLayerNetwork network = Trainings.network();
    List<Long> told = new ArrayList<>();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener =
          Trainings.listener(network, window)
              .search(Trainings.search(true))
              .control(SearchControl.DEFAULT.savedIn(run.resolve("states")))
              .searchAt(20)
              .output(run)
              .onResult(result -> told.add(result.iteration()))
              .build();
      network.addListeners(listener);
      Path blocked = Files.createFile(run.resolve("ema"));
      for (int fit = 0; fit < 2; fit++) {
        assertThatThrownBy(() -> Trainings.fit(network, 1))
            .as("fit %s", fit)
            .isInstanceOf(UncheckedIOException.class)
            .hasMessageStartingWith("cannot write ");
        assertThat(listener.results()).hasSize(1);
      }
      Files.delete(blocked);
      Files.delete(run.resolve("lcsc/best.json"));
      Trainings.fit(network, 1);
      assertThat(told).containsExactly(20L);
      assertThat(listener.results()).hasSize(1);
      assertThat(listener.best()).contains(listener.results().get(0));
      assertThat(run.resolve("ema/0.8.zip")).exists();
      assertThat(Recipe.read(run.resolve("lcsc/best.json")).sha256())
          .isEqualTo(Sha256.of(listener.bestParameters().orElseThrow()));
    }
  }
}
