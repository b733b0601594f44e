package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.CheckpointDirectory;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGrouping;
import org.lcsc.export.Recipe;
import org.lcsc.search.SearchLog;
import org.nd4j.linalg.api.ndarray.INDArray;

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
      assertThat(recipe.sha256()).isEqualTo(Recipe.sha256(merged.params()));

      Recipe best = Recipe.read(run.resolve("lcsc/best.json"));
      assertThat(best.model()).isEqualTo(result.best().label());
      assertThat(best.sha256())
          .isEqualTo(
              Recipe.sha256(
                  ComputationGraph.load(run.resolve("lcsc/best.zip").toFile(), false).params()));
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
      assertThat(Recipe.sha256(window.merge(recipe.coefficients()))).isEqualTo(recipe.sha256());
    }
    Recipe recipe = Recipe.read(run.resolve("lcsc/20/recipe.json"));
    try (CheckpointWindow again = CheckpointDirectory.open(run.resolve("window")).load()) {
      assertThat(again.iterations()).isEqualTo(recipe.checkpoints());
      INDArray merged = again.merge(recipe.coefficients());
      MultiLayerNetwork model =
          MultiLayerNetwork.load(run.resolve("lcsc/20/model.zip").toFile(), false);
      assertThat(Recipe.sha256(model.params())).isEqualTo(recipe.sha256());
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
              .warmStart(true)
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
      assertThat(Recipe.sha256(again)).isEqualTo(recipe.sha256());
      ComputationGraph model =
          ComputationGraph.load(run.resolve("lcsc/20/model.zip").toFile(), false);
      assertThat(Recipe.sha256(model.params())).isEqualTo(recipe.sha256());
      assertThat(result.best().validationScore())
          .as("never loses to EMA*")
          .isLessThanOrEqualTo(result.emaStar().validationScore());
      assertThat(Recipe.read(run.resolve("lcsc/best.json")).model()).isNotEmpty();
    }
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
}
