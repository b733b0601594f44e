package org.lcsc.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.listeners.CollectScoresIterationListener;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class EvaluationNetworkTest {

  private static final INDArray X = Nd4j.createFromArray(new float[][] {{1, -2, 3}, {0, 4, -1}});
  private static final INDArray Y = Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}});

  /** Trained a little, so that Adam has state. */
  private static ComputationGraph trained() {
    ComputationGraph graph = Branches.graph(new Adam(0.1), DataType.FLOAT);
    fit(graph, 3);
    return graph;
  }

  private static void fit(ComputationGraph graph, int iterations) {
    for (int i = 0; i < iterations; i++) {
      graph.fit(new DataSet(X, Y));
    }
  }

  @Test
  void copyGivesTheSameOutputsAndLeavesTheGlobalGeneratorAlone() {
    ComputationGraph graph = trained();
    long random = Nd4j.getRandom().rootState();
    ComputationGraph copy = EvaluationNetwork.copyOf(graph);
    assertThat(Nd4j.getRandom().rootState()).isEqualTo(random);
    assertThat(copy.params()).isEqualTo(graph.params());
    assertThat(copy.outputSingle(X)).isEqualTo(graph.outputSingle(X));
  }

  @Test
  void copySharesNeitherListenersNorParameters() {
    ComputationGraph graph = trained();
    CollectScoresIterationListener listener = new CollectScoresIterationListener();
    graph.setListeners(listener);
    ComputationGraph copy = EvaluationNetwork.copyOf(graph);
    assertThat(copy.getListeners()).isEmpty();
    copy.setListeners(new CollectScoresIterationListener());
    assertThat(List.copyOf(graph.getListeners())).isEqualTo(List.of(listener));

    INDArray before = graph.params().dup();
    INDArray other = before.mul(-2);
    copy.setParams(other);
    assertThat(graph.params()).isEqualTo(before);
    assertThat(copy.params()).isEqualTo(other);
    fit(graph, 1);
    assertThat(copy.params()).isEqualTo(other);
  }

  @Test
  void trainingGoesOnAsIfItHadNotBeenCopied() {
    ComputationGraph undisturbed = trained();
    ComputationGraph graph = trained();
    ComputationGraph copy = EvaluationNetwork.copyOf(graph);
    copy.setParams(graph.params().mul(3));
    copy.outputSingle(X);
    fit(undisturbed, 2);
    fit(graph, 2);
    assertThat(graph.params()).isEqualTo(undisturbed.params());
    assertThat(graph.getIterationCount()).isEqualTo(5);
  }

  @Test
  void copyMadeInsideAWorkspaceOutlivesIt() {
    ComputationGraph graph = trained();
    ComputationGraph copy;
    try (MemoryWorkspace workspace =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace("EVALUATION_NETWORK_TEST")) {
      assertThat(workspace.isScopeActive()).isTrue();
      copy = EvaluationNetwork.copyOf(graph);
    }
    assertThat(copy.params().isAttached()).isFalse();
    assertThat(copy.outputSingle(X)).isEqualTo(graph.outputSingle(X));
  }

  @Test
  void givenParametersBecomeTheNetworksOwn() {
    ComputationGraph graph = trained();
    INDArray own = graph.params().mul(0.5);
    ComputationGraph other = EvaluationNetwork.withParameters(graph, own);
    own.muli(2);
    assertThat(other.outputSingle(X)).isEqualTo(graph.outputSingle(X));
  }

  @Test
  void layeredNetworksAreCopiedTheSameWay() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(2)
                .list()
                .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(3).nOut(2).build())
                .build());
    network.init();
    network.setListeners(new CollectScoresIterationListener());
    long random = Nd4j.getRandom().rootState();
    MultiLayerNetwork copy = EvaluationNetwork.copyOf(network);
    assertThat(Nd4j.getRandom().rootState()).isEqualTo(random);
    assertThat(copy.getListeners()).isEmpty();
    assertThat(network.getListeners()).hasSize(1);
    assertThat(copy.output(X)).isEqualTo(network.output(X));
    copy.setParams(network.params().mul(2));
    assertThat(copy.output(X)).isNotEqualTo(network.output(X));
  }
}
