package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.listeners.CollectScoresIterationListener;
import org.junit.jupiter.api.Test;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.listener.ScoredModel.Kind;
import org.lcsc.objective.Objective;
import org.lcsc.objective.Safeguard;
import org.lcsc.search.StopReason;
import org.lcsc.search.strategy.Algorithm1;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class LcscListenerTest {
  @Test
  void combinationBeatsLastWeightsAndEveryAverageOnUnseenData() {
    // A rate so high that the weights wander about the minimum.
    MultiLayerNetwork network = Trainings.network(0.3);
    try (CheckpointWindow window = Trainings.window(network, 40, 2)) {
      Objective unseen = Trainings.loss(network, 13, 4000);
      LcscListener listener =
          LcscListener.builder()
              .window(window)
              .emaRates(0.8, 0.95)
              .objective(Trainings.loss(network, 11, 2000))
              .validation(Trainings.loss(network, 12, 2000))
              .report(parameters -> Map.of("loss", unseen.evaluate(parameters).score()))
              .evaluations(300)
              .searchAt(60)
              .build();
      network.addListeners(listener);
      Trainings.fit(network, 3);

      assertThat(listener.results()).hasSize(1);
      LcscResult result = listener.results().get(0);
      assertThat(result.iteration()).isEqualTo(60);
      assertThat(result.toString())
          .startsWith("LCSC at iteration 60, 20 checkpoints, 300 evaluations: best lcsc; lcsc ")
          .doesNotContain("@");
      assertThat(result.checkpoints()).hasSize(20).startsWith(22).endsWith(60);
      assertThat(result.search().stopReason()).isEqualTo(StopReason.EVALUATIONS);
      assertThat(result.evaluations()).isEqualTo(300);
      double sum = 0;
      for (double coefficient : result.coefficients()) {
        sum += coefficient;
      }
      assertThat(sum).isCloseTo(1, within(1e-9));

      double last = result.baseline("last").validationScore();
      assertThat(result.validationScore())
          .isLessThan(last)
          .isLessThan(result.emaStar().validationScore());
      assertThat(result.best()).isEqualTo(result.lcsc());
      double reported = result.reportScores().get("loss");
      assertThat(reported)
          .isEqualTo(unseen.evaluate(listener.mergedParameters().orElseThrow()).score())
          .isLessThan(result.baseline("last").reportScores().get("loss"))
          .isLessThan(result.emaStar().reportScores().get("loss"));
      assertThat(result.baseline("last").reportScores().get("loss"))
          .isEqualTo(unseen.evaluate(network.params()).score());
    }
  }

  private static LcscResult guarded(Safeguard safeguard) {
    MultiLayerNetwork network = Trainings.network(0.3);
    try (CheckpointWindow window = Trainings.window(network, 40, 2)) {
      LcscListener listener =
          LcscListener.builder()
              .window(window)
              .emaRates(0.8, 0.95)
              .objective(Trainings.loss(network, 11, 2000))
              .validation(Trainings.loss(network, 12, 2000))
              .safeguard(safeguard)
              .evaluations(300)
              .searchAt(60)
              .build();
      network.addListeners(listener);
      Trainings.fit(network, 3);
      return listener.results().get(0);
    }
  }

  @Test
  void whatTheSafeguardRefusesTakesTheNextBestOrTheBestAverageOfTheWindow() {
    LcscResult free = guarded(Safeguard.NONE);
    assertThat(free.refused()).isEmpty();
    assertThat(free.validationScore()).isLessThan(free.emaStar().validationScore());

    List<Long> sizes = new ArrayList<>();
    LcscResult second =
        guarded(
            rival -> {
              sizes.add(rival.length());
              return candidate -> {
                sizes.add(candidate.length());
                return sizes.size() == 2 ? "too alike" : null;
              };
            });
    // The rival is measured once.
    assertThat(sizes).hasSize(3).containsOnly(sizes.get(0));
    assertThat(second.refused()).hasSize(1).first().asString().endsWith(": too alike");
    assertThat(second.validationScore())
        .isGreaterThan(free.validationScore())
        .isLessThan(free.emaStar().validationScore());

    LcscResult none = guarded(rival -> candidate -> "never");
    assertThat(none.refused()).hasSizeBetween(6, 8);
    assertThat(none.refused())
        .anyMatch(line -> line.matches("evaluation \\d+, 0.75 of the way .*"));
    assertThat(none.best().validationScore()).isEqualTo(none.emaStar().validationScore());
    assertThat(none.baselines())
        .anySatisfy(b -> assertThat(b.coefficients()).isEqualTo(none.coefficients()));
  }

  @Test
  void baselinesStandOnTheSameFooting() {
    ComputationGraph graph = Trainings.graph();
    try (CheckpointWindow window = Trainings.window(graph, 12, 3)) {
      LcscListener listener =
          Trainings.listener(graph, window)
              .baselines(new Baselines(new double[] {0.5, 0.9}, 0))
              .report(parameters -> Map.of("norm", parameters.norm2Number().doubleValue()))
              .searchAt(20)
              .build();
      graph.addListeners(listener);
      Trainings.fit(graph, 1);
      LcscResult result = listener.results().get(0);
      assertThat(result.baselines())
          .extracting(ScoredModel::label)
          .containsExactly(
              "last",
              "ema-0.8",
              "ema-0.95",
              "window-ema-0.5",
              "window-ema-0.8",
              "window-ema-0.9",
              "window-ema-0.95",
              "window-power-0.05",
              "window-power-0.1",
              "window-power-0.2",
              "lawa-2",
              "uniform");
      Objective validation = Trainings.loss(graph, 12, 200);
      for (ScoredModel model : result.baselines()) {
        INDArray parameters =
            switch (model.kind()) {
              case LAST -> graph.params();
              case EMA -> listener.emas().get(model.label().equals("ema-0.8") ? 0 : 1).parameters();
              default -> window.merge(model.coefficients());
            };
        assertThat(model.validationScore())
            .as(model.label())
            .isCloseTo(validation.evaluate(parameters).score(), within(1e-6));
        boolean reported =
            !List.of(Kind.WINDOW_EMA, Kind.WINDOW_POWER, Kind.LAWA).contains(model.kind())
                || model.equals(result.emaStar())
                || model.equals(result.bestBaseline());
        assertThat(model.reportScores().containsKey("norm")).as(model.label()).isEqualTo(reported);
      }
      assertThat(result.baselines())
          .allSatisfy(
              model ->
                  assertThat(result.best().validationScore())
                      .isLessThanOrEqualTo(model.validationScore()));
      assertThat(listener.best()).contains(result);
    }
  }

  @Test
  void trainingIsTheSameToTheBitWithAndWithoutIt() {
    ComputationGraph alone = Trainings.graph();
    Trainings.fit(alone, 2);
    ComputationGraph watched = Trainings.graph();
    try (CheckpointWindow window = Trainings.window(watched, 12, 3)) {
      var scores = new CollectScoresIterationListener();
      watched.addListeners(scores);
      watched.addListeners(Trainings.listener(watched, window).searchEvery(10).build());
      long random = Nd4j.getRandom().rootState();
      Trainings.fit(watched, 2);
      assertThat(watched.params()).isEqualTo(alone.params());
      assertThat(watched.getUpdater().getStateViewArray())
          .isEqualTo(alone.getUpdater().getStateViewArray());
      assertThat(Nd4j.getRandom().rootState()).isEqualTo(random);
      assertThat(watched.getListeners()).hasSize(2).contains(scores);
    }
  }

  /** Keeps the parameters before every forward pass: those after the update before it. */
  private static final class Trajectory extends BaseTrainingListener {

    final List<INDArray> parameters = new ArrayList<>();

    @Override
    public void onForwardPass(Model model, Map<String, INDArray> activations) {
      onForwardPass(model, List.of());
    }

    @Override
    public void onForwardPass(Model model, List<INDArray> activations) {
      try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
        parameters.add(model.params().dup());
      }
    }
  }

  @Test
  void aNetworkThatWasTrainedBeforeIsToldWhichSearchesItHasMissed() {
    MultiLayerNetwork network = Trainings.network();
    Trainings.fit(network, 1);
    int updates = network.getIterationCount();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener =
          Trainings.listener(network, window).searchAt(5, updates, updates + 10).build();
      network.addListeners(listener);
      List<String> logged = Trainings.logged(() -> Trainings.fit(network, 1));
      assertThat(logged)
          .filteredOn(line -> line.startsWith("No search at"))
          .singleElement()
          .asString()
          .startsWith("No search at 5, " + updates + " (searchAt)")
          .endsWith("which has " + updates + " behind it");
      assertThat(listener.results()).hasSize(1);
    }
  }

  @Test
  void checkpointOfIterationNIsTheParametersAfterNUpdates() {
    requireTrueIterations(Trainings.graph());
  }

  @Test
  void constraintsAreInTheCheckpoints() {
    MultiLayerNetwork network = Trainings.network(0.05, new NonNegativeConstraint());
    requireTrueIterations(network);
    assertThat(network.getParam("0_W").minNumber().floatValue()).isZero();
  }

  private static void requireTrueIterations(Model model) {
    try (CheckpointWindow window = Trainings.window(model, 20, 1)) {
      LcscListener listener = LcscListener.builder().window(window).emaRates(0.9).build();
      Trajectory trajectory = new Trajectory();
      model.addListeners(listener, trajectory);
      Trainings.fit(model, 1);
      trajectory.parameters.add(model.params().dup());

      assertThat(window.iterations()).hasSize(20).startsWith(1).endsWith(20);
      ExponentialMovingAverage expected =
          new ExponentialMovingAverage(0.9, trajectory.parameters.get(0));
      for (int n = 1; n <= 20; n++) {
        INDArray parameters = trajectory.parameters.get(n);
        assertThat(window.checkpoint(n - 1)).as("iteration %d", n).isEqualTo(parameters);
        expected.update(parameters);
      }
      assertThat(listener.emas().get(0).updates()).isEqualTo(20);
      assertThat(listener.emas().get(0).parameters()).isEqualTo(expected.parameters());
    }
  }

  @Test
  void sameSeedGivesTheSameResult() {
    List<double[]> coefficients = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      MultiLayerNetwork network = Trainings.network();
      try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
        LcscListener listener = Trainings.listener(network, window).searchAt(20).build();
        network.addListeners(listener);
        Trainings.fit(network, 1);
        coefficients.add(listener.results().get(0).coefficients());
      }
    }
    assertThat(coefficients.get(0)).isEqualTo(coefficients.get(1));
  }

  @Test
  void otherModelsAreIgnored() {
    MultiLayerNetwork root = Trainings.network();
    MultiLayerNetwork replica = Trainings.network();
    try (CheckpointWindow window = Trainings.window(root, 20, 2)) {
      LcscListener listener = Trainings.listener(root, window).model(root).searchAt(20).build();
      root.addListeners(listener);
      replica.addListeners(listener);
      Trainings.fit(replica, 1);
      assertThat(window.size()).isZero();
      assertThat(listener.results()).isEmpty();
      Trainings.fit(root, 1);
      assertThat(listener.results()).hasSize(1);
    }
  }

  @Test
  void followsNetworksInDoublePrecision() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(0.1))
                .list()
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(2)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener = Trainings.listener(network, window).searchAt(18).build();
      network.addListeners(listener);
      Trainings.fit(network, 1);
      LcscResult result = listener.results().get(0);
      assertThat(result.nonFinite()).isZero();
      assertThat(result.best().isFinite()).isTrue();
      assertThat(network.params().dataType()).isEqualTo(DataType.DOUBLE);
      assertThat(listener.bestParameters().orElseThrow().dataType()).isEqualTo(DataType.FLOAT);
    }
  }

  @Test
  void otherStrategiesCanBePlugged() {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      List<double[]> initial = new ArrayList<>();
      LcscListener listener =
          Trainings.listener(network, window)
              .baselines(new Baselines(new double[] {0.5}, 0))
              .strategy(
                  (first, merger) -> {
                    initial.addAll(List.of(first));
                    return new EvolutionarySearch(first, new Algorithm1().parameters(), 9);
                  })
              .searchAt(20)
              .build();
      network.addListeners(listener);
      Trainings.fit(network, 1);
      assertThat(initial).hasSize(3).allSatisfy(row -> assertThat(row).hasSize(4));
      assertThat(listener.results()).hasSize(1);
    }
  }
}
