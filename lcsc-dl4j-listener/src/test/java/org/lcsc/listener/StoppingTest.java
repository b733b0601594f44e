package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.EarlyStoppingResult;
import org.deeplearning4j.earlystopping.EarlyStoppingResult.TerminationReason;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingGraphTrainer;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingTrainer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.lcsc.checkpoint.CheckpointWindow;
import org.nd4j.linalg.dataset.adapter.MultiDataSetIteratorAdapter;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

class StoppingTest {

  /** Above every score: the first search reaches it. */
  private static final double EASY = 100;

  private static String reason(LcscListener listener) {
    ScoredModel best = listener.results().get(0).best();
    return "%s reached %s on validation, below the target 100.0, at iteration 10"
        .formatted(best.label(), best.validationScore());
  }

  @Test
  void iteratorEndsWithTheUpdateThatReachedTheTarget() {
    ComputationGraph graph = Trainings.graph();
    try (CheckpointWindow window = Trainings.window(graph, 12, 3)) {
      LcscListener listener =
          Trainings.listener(graph, window).searchEvery(10).target(EASY).build();
      graph.addListeners(listener);
      DataSetIterator data = StoppableIterator.of(Trainings.data(), listener.stopSignal());
      assertThat(data.asyncSupported()).isFalse();
      graph.fit(data, 3);
      assertThat(graph.getIterationCount()).isEqualTo(10);
      assertThat(listener.stopSignal().isRequested()).isTrue();
      assertThat(listener.stopSignal().reason()).contains(reason(listener));
      assertThat(listener.results()).hasSize(1);
    }
  }

  @Test
  void targetThatIsNotReachedStopsNothing() {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener =
          Trainings.listener(network, window).searchEvery(10).target(0.01).build();
      network.addListeners(listener);
      network.fit(StoppableIterator.of(Trainings.data(), listener.stopSignal()), 2);
      assertThat(network.getIterationCount()).isEqualTo(2 * Trainings.BATCHES);
      assertThat(listener.stopSignal().isRequested()).isFalse();
    }
  }

  @Test
  void multiDataSetsEndToo() {
    StopSignal signal = new StopSignal();
    var data = StoppableIterator.of(new MultiDataSetIteratorAdapter(Trainings.data()), signal);
    assertThat(data.hasNext()).isTrue();
    assertThat(data.asyncSupported()).isFalse();
    signal.request("enough");
    signal.request("too late");
    assertThat(data.hasNext()).isFalse();
    assertThat(signal.reason()).contains("enough");
  }

  @Test
  void earlyStoppingTrainerEndsWithTheIteration() throws Exception {
    ComputationGraph graph = Trainings.graph();
    try (CheckpointWindow window = Trainings.window(graph, 12, 3)) {
      LcscListener listener =
          Trainings.listener(graph, window).searchEvery(10).target(EASY).build();
      graph.addListeners(listener);
      InMemoryModelSaver<ComputationGraph> saver = new InMemoryModelSaver<>();
      saver.saveBestModel(graph, Double.NaN);
      EarlyStoppingResult<ComputationGraph> result =
          new EarlyStoppingGraphTrainer(
                  new EarlyStoppingConfiguration.Builder<ComputationGraph>()
                      .iterationTerminationConditions(new TargetTermination(listener.stopSignal()))
                      .scoreCalculator(new DataSetLossCalculator(Trainings.held(14, 50), true))
                      .modelSaver(saver)
                      .build(),
                  graph,
                  Trainings.data())
              .fit();
      assertThat(result.getTerminationReason())
          .isEqualTo(TerminationReason.IterationTerminationCondition);
      assertThat(result.getTerminationDetails())
          .isEqualTo("TargetTermination(" + reason(listener) + ")");
      assertThat(graph.getIterationCount()).isEqualTo(10);
    }
  }

  @Test
  void earlyStoppingTrainerEndsWithTheEpoch() {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener =
          Trainings.listener(network, window).searchEvery(10).target(EASY).build();
      network.addListeners(listener);
      EarlyStoppingResult<MultiLayerNetwork> result =
          new EarlyStoppingTrainer(
                  new EarlyStoppingConfiguration.Builder<MultiLayerNetwork>()
                      .epochTerminationConditions(new TargetTermination(listener.stopSignal()))
                      .scoreCalculator(new DataSetLossCalculator(Trainings.held(14, 50), true))
                      .modelSaver(new InMemoryModelSaver<>())
                      .build(),
                  network,
                  Trainings.data())
              .fit();
      assertThat(result.getTerminationReason())
          .isEqualTo(TerminationReason.EpochTerminationCondition);
      assertThat(result.getTerminationDetails())
          .isEqualTo("TargetTermination(" + reason(listener) + ")");
      assertThat(result.getTotalEpochs()).isEqualTo(1);
      assertThat(network.getIterationCount()).isEqualTo(Trainings.BATCHES);
    }
  }
}
