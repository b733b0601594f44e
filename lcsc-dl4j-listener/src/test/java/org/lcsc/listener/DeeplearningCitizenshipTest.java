package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.deeplearning4j.core.storage.Persistable;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.optimize.listeners.CheckpointListener;
import org.deeplearning4j.parallelism.ParallelWrapper;
import org.deeplearning4j.ui.model.stats.StatsListener;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.model.CheckpointDirectory;
import org.lcsc.objective.Objective;
import org.lcsc.search.SearchEvaluation;
import org.lcsc.search.SearchListener;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The listener beside the rest of Deeplearning4j: other listeners, trainers, kinds of layers. */
class DeeplearningCitizenshipTest {

  private static MultiLayerNetwork network(
      Consumer<NeuralNetConfiguration.Builder> settings, double dropOut) {
    NeuralNetConfiguration.Builder builder =
        new NeuralNetConfiguration.Builder().seed(3).updater(new Adam(0.05));
    settings.accept(builder);
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            builder
                .list()
                .layer(
                    new DenseLayer.Builder()
                        .nIn(2)
                        .nOut(8)
                        .activation(Activation.TANH)
                        .dropOut(dropOut)
                        .build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(8)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    return network;
  }

  /** Trains for 20 updates with a search at the end; the best is no worse than the last weights. */
  private static LcscResult searched(Model model, CheckpointWindow window) {
    LcscListener listener = Trainings.listener(model, window).searchAt(20).build();
    model.addListeners(listener);
    Trainings.fit(model, 1);
    LcscResult result = listener.results().get(0);
    assertThat(result.best().isFinite()).isTrue();
    assertThat(result.best().validationScore())
        .isLessThanOrEqualTo(result.baseline("last").validationScore());
    assertThat(listener.mergedParameters().orElseThrow().length()).isEqualTo(model.numParams());
    return result;
  }

  /** Parameters after each update of one model, whichever worker calls. */
  private static final class Followed extends BaseTrainingListener {

    private final Model root;
    private final List<INDArray> parameters = new ArrayList<>();
    private final AtomicInteger others = new AtomicInteger();

    Followed(Model root) {
      this.root = root;
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
      if (model == root) {
        parameters.add(model.params().dup());
      } else {
        others.incrementAndGet();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void parallelWrapperIsFollowedOnTheRootModelAlone(boolean graph) {
    Model model = graph ? Trainings.graph() : Trainings.network();
    try (CheckpointWindow window = Trainings.window(model, 10, 1)) {
      LcscListener listener = Trainings.listener(model, window).model(model).build();
      Followed followed = new Followed(model);
      model.addListeners(listener);
      ParallelWrapper wrapper =
          new ParallelWrapper.Builder<>(model)
              .workers(2)
              .prefetchBuffer(2)
              .averagingFrequency(1)
              .build();
      wrapper.setListeners(List.<TrainingListener>of(listener, followed));
      wrapper.fit(Trainings.data());
      wrapper.shutdown();
      // Every second batch is the root's, the other worker's calls are ignored.
      assertThat(followed.others).hasValue(10);
      assertThat(window.iterations()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
      for (int k = 0; k < 10; k++) {
        INDArray root = followed.parameters.get(k);
        assertThat(window.checkpoint(k)).as("update %d", k + 1).isEqualTo(root.reshape(-1));
      }
      assertThat(listener.emas().get(0).updates()).isEqualTo(10);
      assertThat(listener.searchNow(model)).isPresent();
      assertThat(listener.best().orElseThrow().best().isFinite()).isTrue();
    }
  }

  @Test
  void checkpointListenerBesideItKeepsTheSameCheckpoints(@TempDir Path directory)
      throws IOException {
    ComputationGraph graph = Trainings.graph();
    CheckpointListener checkpoints =
        new CheckpointListener.Builder(directory.toFile())
            .keepAll()
            .saveEveryNIterations(4)
            .logSaving(false)
            .build();
    try (CheckpointWindow window = Trainings.window(graph, 20, 1)) {
      graph.addListeners(checkpoints, LcscListener.builder().window(window).build());
      Trainings.fit(graph, 1);
      try (CheckpointWindow written = CheckpointDirectory.open(directory).load()) {
        assertThat(written.size()).isGreaterThan(2);
        for (int k = 0; k < written.size(); k++) {
          long iteration = written.iterations()[k];
          assertThat(written.checkpoint(k))
              .as("iteration %d", iteration)
              .isEqualTo(window.checkpoint((int) iteration - 1));
        }
      }
    }
  }

  @Test
  void statsListenerBesideItReportsEveryUpdate() {
    MultiLayerNetwork alone = Trainings.network();
    Trainings.fit(alone, 1);
    MultiLayerNetwork network = Trainings.network();
    AtomicInteger reported = new AtomicInteger();
    // Counted here: the storage keeps one update of a millisecond.
    InMemoryStatsStorage storage =
        new InMemoryStatsStorage() {
          @Override
          public void putUpdate(Persistable update) {
            reported.incrementAndGet();
            super.putUpdate(update);
          }
        };
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener = Trainings.listener(network, window).searchAt(10, 20).build();
      network.addListeners(new StatsListener(storage, 1), listener);
      Trainings.fit(network, 1);
      assertThat(listener.results()).hasSize(2);
      assertThat(network.params()).isEqualTo(alone.params());
    }
    assertThat(storage.listSessionIDs()).hasSize(1);
    // The searches run networks of their own, of which it must not hear.
    assertThat(reported).hasValue(Trainings.BATCHES);
  }

  @Test
  void anotherListenersFailureLeavesAStateToGoOnFrom() {
    MultiLayerNetwork network = Trainings.network();
    boolean[] fails = {true};
    TrainingListener failing =
        new BaseTrainingListener() {
          @Override
          public void iterationDone(Model model, int iteration, int epoch) {
            if (fails[0] && iteration == 11) {
              throw new IllegalStateException("a user's mistake");
            }
          }
        };
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener = Trainings.listener(network, window).searchAt(12, 20).build();
      network.addListeners(listener, failing);
      assertThatThrownBy(() -> Trainings.fit(network, 1)).hasMessage("a user's mistake");
      assertThat(window.iterations()).containsExactly(3, 6, 9, 12);
      assertThat(listener.results()).extracting(LcscResult::iteration).containsExactly(12L);
      INDArray twelfth = window.checkpoint(3);
      assertThat(twelfth).isEqualTo(network.params());

      fails[0] = false;
      Trainings.fit(network, 1);
      // Deeplearning4j did not count the update whose listeners failed, and gives 12 once more.
      assertThat(network.getIterationCount()).isEqualTo(11 + Trainings.BATCHES);
      assertThat(window.iterations()).containsExactly(21, 24, 27, 30);
      assertThat(listener.emas().get(0).updates()).isEqualTo(12 + Trainings.BATCHES);
      assertThat(listener.results()).extracting(LcscResult::iteration).containsExactly(12L, 20L);
    }
  }

  @Test
  void interruptedThreadEndsTheTrainingInOrderAndTheSearchGoesOn(@TempDir Path state) {
    MultiLayerNetwork network = Trainings.network();
    int[] evaluations = {0};
    SearchListener interrupting =
        new SearchListener() {
          @Override
          public void evaluated(SearchEvaluation evaluation) {
            if (++evaluations[0] == 25) {
              Thread.currentThread().interrupt();
            }
          }
        };
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener =
          Trainings.listener(network, window)
              .searchAt(13)
              .control(SearchControl.DEFAULT.savedIn(state).watchedBy(n -> interrupting))
              .build();
      network.addListeners(listener);
      DataSetIterator data = StoppableIterator.of(Trainings.data(), listener.stopSignal());
      network.fit(data);
      assertThat(Thread.interrupted()).as("interrupt status is kept").isTrue();
      assertThat(network.getIterationCount()).isEqualTo(13);
      assertThat(listener.interruptedSearch()).hasValue(13);
      assertThat(listener.results()).isEmpty();

      LcscResult result = listener.searchNow(network).orElseThrow();
      assertThat(evaluations[0]).as("none is made twice").isEqualTo(60);
      assertThat(result.evaluations()).isEqualTo(60);
      assertThat(listener.interruptedSearch()).isEmpty();
    }
  }

  @Test
  void constraintsHoldInTheCheckpointsAndMostlyInAverages() {
    MultiLayerNetwork network = network(b -> b.constrainWeights(new MaxNormConstraint(0.5, 0)), 0);
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      searched(network, window);
      for (int k = 0; k < window.size(); k++) {
        network.setParams(window.checkpoint(k));
        INDArray norms = network.getParam("0_W").norm2(0);
        assertThat(norms.maxNumber().doubleValue()).isLessThan(0.5 + 1e-5);
      }
    }
  }

  @Test
  void dropoutIsOffWhereModelsAreScoredAndTrainsTheSame() {
    MultiLayerNetwork network = network(b -> {}, 0.7);
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscResult result = searched(network, window);
      // Scored twice to the same bits: no mask is drawn.
      assertThat(Trainings.loss(network, 12, 200).evaluate(network.params()).score())
          .isEqualTo(result.baseline("last").validationScore());
    }
  }

  @Test
  void anObjectiveThatDrawsFromTheGlobalGeneratorLeavesTheMasksAsTheyAre() {
    MultiLayerNetwork alone = network(b -> {}, 0.7);
    Nd4j.getRandom().setSeed(3);
    Trainings.fit(alone, 1);
    MultiLayerNetwork network = network(b -> {}, 0.7);
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      Objective drawing =
          Objective.of("noise", parameters -> Nd4j.randn(5).sumNumber().doubleValue());
      LcscListener listener =
          Trainings.listener(network, window).objective(drawing).searchAt(12, 18).build();
      network.addListeners(listener);
      Nd4j.getRandom().setSeed(3);
      Trainings.fit(network, 1);
      assertThat(listener.results()).hasSize(2);
      assertThat(network.params()).isEqualTo(alone.params());
    }
  }

  @Test
  void regularisationTrainsTheSameToTheBit() {
    MultiLayerNetwork alone = network(b -> b.l2(0.01), 0);
    Trainings.fit(alone, 1);
    MultiLayerNetwork network = network(b -> b.l2(0.01), 0);
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      searched(network, window);
      assertThat(network.params()).isEqualTo(alone.params());
    }
  }

  @Test
  void frozenParametersAreEqualInEveryMergedModel() {
    MultiLayerNetwork pretrained = Trainings.network();
    Trainings.fit(pretrained, 1);
    MultiLayerNetwork network =
        new TransferLearning.Builder(pretrained)
            .fineTuneConfiguration(
                new FineTuneConfiguration.Builder().updater(new Adam(0.05)).seed(4).build())
            .setFeatureExtractor(0)
            .build();
    INDArray frozen = network.getParam("0_W").dup();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener = Trainings.listener(network, window).searchAt(20).build();
      network.addListeners(listener);
      // The transferred network's counter starts where the pretrained one's ended.
      network.getLayerWiseConfigurations().setIterationCount(0);
      Trainings.fit(network, 1);
      INDArray head = network.getParam("1_W").dup();
      network.setParams(listener.mergedParameters().orElseThrow());
      // Coefficients sum to 1, so what all checkpoints share stays, up to rounding.
      assertThat(network.getParam("0_W").equalsWithEps(frozen, 1e-5)).isTrue();
      assertThat(network.getParam("1_W")).isNotEqualTo(head);
      for (var average : listener.emas()) {
        network.setParams(average.parameters());
        assertThat(network.getParam("0_W").equalsWithEps(frozen, 1e-6)).isTrue();
      }
    }
  }
}
