package org.lcsc.network;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class FlatUpdaterTest {

  /** Two blocks of updaters, regularised before and after the updater. */
  private static ComputationGraph graph() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.FLOAT)
                .updater(new Adam(0.01))
                .l1(0.1)
                .weightDecay(0.05, true)
                .graphBuilder()
                .addInputs("x")
                .addLayer(
                    "a",
                    new DenseLayer.Builder().nIn(5).nOut(7).activation(Activation.TANH).build(),
                    "x")
                .addLayer(
                    "b",
                    new DenseLayer.Builder()
                        .nIn(7)
                        .nOut(7)
                        .updater(new Nesterovs(0.01))
                        .activation(Activation.TANH)
                        .build(),
                    "a")
                .addLayer(
                    "loss",
                    new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(7)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build(),
                    "b")
                .setOutputs("loss")
                .build());
    graph.init();
    return graph;
  }

  private static void train(ComputationGraph graph, int from, int to) {
    SeededNoise noise = new SeededNoise(4);
    for (int step = from; step < to; step++) {
      INDArray x = noise.gaussian(step, 0, 6, 5);
      INDArray target = noise.gaussian(step, 100, 6, 2);
      graph.fit(new MultiDataSet(new INDArray[] {x}, new INDArray[] {target}));
    }
  }

  private static void assertSame(ComputationGraph flat, ComputationGraph plain) {
    assertThat(flat.params().toFloatVector()).containsExactly(plain.params().toFloatVector());
    assertThat(flat.getUpdater().getStateViewArray().toFloatVector())
        .containsExactly(plain.getUpdater().getStateViewArray().toFloatVector());
  }

  @Test
  void updatesBitForBitAsDeeplearning4jDoes() {
    ComputationGraph plain = graph();
    ComputationGraph flat = graph();
    FlatUpdater.attachTo(flat);
    train(plain, 0, 5);
    train(flat, 0, 5);
    assertSame(flat, plain);
    assertThat(flat.getUpdater()).isInstanceOf(FlatUpdater.class);
    assertThat(flat.params().toFloatVector()).isNotEqualTo(graph().params().toFloatVector());
  }

  @Test
  void takesOverTheStateOfTheUpdaterBefore() {
    ComputationGraph plain = graph();
    ComputationGraph flat = graph();
    train(plain, 0, 5);
    train(flat, 0, 3);
    FlatUpdater.attachTo(flat);
    train(flat, 3, 5);
    assertSame(flat, plain);
  }

  @Test
  void followsParametersThatAreSetFromOutside() {
    ComputationGraph plain = graph();
    ComputationGraph flat = graph();
    FlatUpdater.attachTo(flat);
    for (ComputationGraph network : new ComputationGraph[] {plain, flat}) {
      train(network, 0, 2);
      network.setParams(network.params().mul(0.5));
      train(network, 2, 4);
    }
    assertSame(flat, plain);
  }
}
