package org.lcsc.network;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A graph for tests. */
public final class Branches {

  private Branches() {}

  /** Two branches of different widths, so that their order shows in the outputs. */
  public static ComputationGraph graph(IUpdater updater, DataType type) {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(type)
                .updater(updater)
                .graphBuilder()
                .addInputs("in")
                .addLayer("b", new DenseLayer.Builder().nIn(3).nOut(4).build(), "in")
                .addLayer("a", new DenseLayer.Builder().nIn(3).nOut(2).build(), "in")
                .addVertex("both", new MergeVertex(), "b", "a")
                .addLayer(
                    "out", new OutputLayer.Builder(LossFunction.MSE).nIn(6).nOut(2).build(), "both")
                .setOutputs("out")
                .build());
    graph.init();
    return graph;
  }
}
