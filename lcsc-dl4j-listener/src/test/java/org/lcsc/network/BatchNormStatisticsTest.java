package org.lcsc.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class BatchNormStatisticsTest {

  private static OutputLayer output() {
    return new OutputLayer.Builder(LossFunction.MSE)
        .nOut(2)
        .activation(Activation.IDENTITY)
        .build();
  }

  /** Dense, identity; normalisation; tanh with dropout; normalisation; output. */
  private static MultiLayerNetwork network(boolean logarithm) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Sgd(0.1))
                .list()
                .layer(new DenseLayer.Builder().nOut(3).activation(Activation.IDENTITY).build())
                .layer(new BatchNormalization.Builder().useLogStd(logarithm).build())
                .layer(
                    new DenseLayer.Builder()
                        .nOut(4)
                        .activation(Activation.TANH)
                        .dropOut(0.5)
                        .build())
                .layer(new BatchNormalization.Builder().useLogStd(logarithm).build())
                .layer(output())
                .setInputType(InputType.feedForward(2))
                .build());
    network.init();
    return network;
  }

  private static INDArray values(long seed, int... shape) {
    Random random = new Random(seed);
    float[] values = new float[java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (2 * random.nextGaussian() + 1);
    }
    return Nd4j.createFromArray(values).reshape(shape);
  }

  private static double variance(MultiLayerNetwork network, String layer, int channel) {
    INDArray log = network.paramTable().get(layer + "_log10stdev");
    return log == null
        ? network.getParam(layer + "_var").getDouble(channel)
        : Math.pow(10, 2 * log.getDouble(channel));
  }

  private static void recompute(Model network, Iterator<INDArray[]> batches) {
    BatchNormStatistics.of(network, () -> batches).recompute(network.params());
  }

  @Test
  void meanAndVarianceBehindALinearLayerAreThoseOfTheClosedForm() {
    for (boolean logarithm : new boolean[] {true, false}) {
      MultiLayerNetwork network = network(logarithm);
      INDArray first = values(1, 6, 2);
      INDArray second = values(2, 3, 2);
      recompute(network, List.of(new INDArray[] {first}, new INDArray[] {second}).iterator());
      // y = x W + b: E[y] = E[x] W + b and Var[y] = W' Cov[x] W, batch by batch.
      for (int channel = 0; channel < 3; channel++) {
        double u = network.getParam("0_W").getDouble(0, channel);
        double v = network.getParam("0_W").getDouble(1, channel);
        double bias = network.getParam("0_b").getDouble(channel);
        double mean = 0;
        double variance = 0;
        for (INDArray batch : List.of(first, second)) {
          int n = (int) batch.size(0);
          double[] x = batch.getColumn(0).toDoubleVector();
          double[] y = batch.getColumn(1).toDoubleVector();
          double meanX = java.util.Arrays.stream(x).sum() / n;
          double meanY = java.util.Arrays.stream(y).sum() / n;
          double xx = 0;
          double xy = 0;
          double yy = 0;
          for (int i = 0; i < n; i++) {
            xx += (x[i] - meanX) * (x[i] - meanX) / n;
            xy += (x[i] - meanX) * (y[i] - meanY) / n;
            yy += (y[i] - meanY) * (y[i] - meanY) / n;
          }
          mean += n / 9.0 * (meanX * u + meanY * v + bias);
          variance += n / 9.0 * (u * u * xx + 2 * u * v * xy + v * v * yy);
        }
        assertThat(network.getParam("1_mean").getDouble(channel)).isCloseTo(mean, within(1e-5));
        assertThat(variance(network, "1", channel)).isCloseTo(variance, within(1e-5 * variance));
      }
    }
  }

  @Test
  void laterLayersSeeTheBatchNormalisedByItself() {
    MultiLayerNetwork network = network(true);
    INDArray batch = values(3, 50, 2);
    recompute(network, Collections.singleton(new INDArray[] {batch}).iterator());
    // On the one batch, inference now normalises as training did; dropout is off in both.
    INDArray behind = network.feedForward(batch, false).get(3);
    INDArray mean = behind.mean(0);
    INDArray variance = behind.var(false, 0);
    for (int channel = 0; channel < 4; channel++) {
      assertThat(network.getParam("3_mean").getDouble(channel))
          .isCloseTo(mean.getDouble(channel), within(1e-5));
      assertThat(variance(network, "3", channel))
          .isCloseTo(variance.getDouble(channel), within(1e-4));
    }
    INDArray normalised = network.feedForward(batch, false).get(4);
    assertThat(normalised.mean(0).amaxNumber().doubleValue()).isLessThan(1e-5);
  }

  @Test
  void everythingElseStaysAndTheGlobalGeneratorIsLeftAlone() {
    MultiLayerNetwork network = network(true);
    INDArray before = network.params().dup();
    BatchNormStatistics statistics =
        BatchNormStatistics.of(
            network, () -> List.<INDArray[]>of(new INDArray[] {values(4, 20, 2)}).iterator());
    long state = Nd4j.getRandom().rootState();
    INDArray parameters = before.dup();
    statistics.recompute(parameters);
    INDArray again = before.dup();
    statistics.recompute(again);
    assertThat(again).isEqualTo(parameters);
    assertThat(Nd4j.getRandom().rootState()).isEqualTo(state);
    assertThat(network.params()).isEqualTo(before);
    network.setParams(parameters);
    MultiLayerNetwork original = network(true);
    original.setParams(before);
    for (String name : network.paramTable().keySet()) {
      boolean statistic = name.endsWith("mean") || name.endsWith("log10stdev");
      assertThat(network.getParam(name).equals(original.getParam(name)))
          .as(name)
          .isEqualTo(!statistic);
    }
    assertThat(BatchNormStatistics.layers(network)).isEqualTo(2);
  }

  @Test
  void imagesAreAveragedOverExamplesAndPixelsInGraphs() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(5)
                .graphBuilder()
                .addInputs("image")
                .addLayer("first", new BatchNormalization(), "image")
                .addLayer(
                    "conv",
                    new ConvolutionLayer.Builder(3, 3)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build(),
                    "first")
                .addLayer("second", new BatchNormalization(), "conv")
                .addLayer("output", output(), "second")
                .setOutputs("output")
                .setInputTypes(InputType.convolutional(5, 5, 3))
                .build());
    graph.init();
    INDArray images = values(6, 4, 3, 5, 5);
    recompute(graph, List.<INDArray[]>of(new INDArray[] {images}).iterator());
    INDArray mean = images.mean(0, 2, 3);
    INDArray variance = images.var(false, 0, 2, 3);
    INDArray conv = graph.feedForward(new INDArray[] {images}, false).get("conv");
    for (int channel = 0; channel < 3; channel++) {
      assertThat(graph.getParam("first_mean").getDouble(channel))
          .isCloseTo(mean.getDouble(channel), within(1e-5));
      assertThat(Math.pow(10, 2 * graph.getParam("first_log10stdev").getDouble(channel)))
          .isCloseTo(variance.getDouble(channel), within(1e-4));
    }
    assertThat(graph.getParam("second_mean").reshape(2))
        .satisfies(found -> assertThat(found.equalsWithEps(conv.mean(0, 2, 3), 1e-4)).isTrue());
  }

  @Test
  void frozenLayersKeepTheirs() {
    MultiLayerNetwork frozen =
        new TransferLearning.Builder(network(true)).setFeatureExtractor(1).build();
    INDArray mean = frozen.getParam("1_mean").dup();
    DataSet data = new DataSet(values(7, 30, 2), values(8, 30, 2));
    recompute(frozen, BatchNormStatistics.inputs(new ListDataSetIterator<>(data.asList(), 10)));
    assertThat(frozen.getParam("1_mean")).isEqualTo(mean);
    assertThat(frozen.getParam("3_mean").amaxNumber().doubleValue()).isGreaterThan(1e-4);
    assertThat(BatchNormStatistics.layers(frozen)).isEqualTo(1);
  }

  @Test
  void refusesNoDataAndOtherParameters() {
    MultiLayerNetwork network = network(true);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> recompute(network, Collections.<INDArray[]>emptyIterator()))
        .withMessageContaining("at least 1 batch, got none");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                BatchNormStatistics.of(network, Collections::<INDArray[]>emptyIterator)
                    .recompute(Nd4j.zeros(3)))
        .withMessage("the network has " + network.numParams() + " parameters, got 3");
  }
}
