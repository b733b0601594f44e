package org.lcsc.diffusion.training;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Two layers of 3 inputs and 2 outputs, and batches for them. */
final class TinyGraph {

  private TinyGraph() {}

  static ComputationGraphConfiguration configuration(IUpdater updater) {
    return new NeuralNetConfiguration.Builder()
        .seed(4)
        .updater(updater)
        .graphBuilder()
        .addInputs("in")
        .addLayer(
            "first",
            new DenseLayer.Builder().nIn(3).nOut(5).activation(Activation.TANH).build(),
            "in")
        .addLayer(
            "out",
            new OutputLayer.Builder(LossFunction.MSE)
                .nIn(5)
                .nOut(2)
                .activation(Activation.IDENTITY)
                .build(),
            "first")
        .setOutputs("out")
        .build();
  }

  static ComputationGraph of(IUpdater updater) {
    ComputationGraph graph = new ComputationGraph(configuration(updater));
    graph.init();
    return graph;
  }

  /** The batch of iteration n. */
  static DataSet batch(int n) {
    return new DataSet(gaussian(2 * n, 6, 3), gaussian(2 * n + 1, 6, 2));
  }

  private static INDArray gaussian(long seed, int rows, int columns) {
    Random random = new Random(seed);
    float[][] values = new float[rows][columns];
    for (float[] row : values) {
      for (int i = 0; i < columns; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return Nd4j.createFromArray(values);
  }

  /** Trains from one iteration to another. */
  static void fit(ComputationGraph graph, int from, int to) {
    for (int n = from; n < to; n++) {
      graph.fit(batch(n));
    }
  }

  /** Through a model file with the updater's state. */
  static ComputationGraph savedAndLoaded(ComputationGraph graph) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ModelSerializer.writeModel(graph, file, true);
    return ModelSerializer.restoreComputationGraph(
        new ByteArrayInputStream(file.toByteArray()), true);
  }
}
