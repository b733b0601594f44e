package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.network.BatchNormStatistics;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class BatchNormMergingTest {

  private static MultiLayerNetwork network() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.1))
                .list()
                .layer(new DenseLayer.Builder().nOut(8).activation(Activation.IDENTITY).build())
                .layer(new BatchNormalization.Builder().decay(0.5).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(2))
                .build());
    network.init();
    return network;
  }

  private static LcscListener trained(Model model, CheckpointWindow window, Path run) {
    LcscListenerBuilder builder = Trainings.listener(model, window).searchAt(20);
    if (run != null) {
      builder.output(run).batchNormData(() -> BatchNormStatistics.inputs(Trainings.data()));
    }
    LcscListener listener = builder.build();
    model.addListeners(listener);
    Trainings.fit(model, 1);
    return listener;
  }

  @Test
  void everyModelIsScoredAndWrittenWithItsOwnStatistics(@TempDir Path run) throws Exception {
    MultiLayerNetwork alone = network();
    Trainings.fit(alone, 1);
    MultiLayerNetwork network = network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener[] listener = new LcscListener[1];
      List<String> log = Trainings.logged(() -> listener[0] = trained(network, window, run));
      assertThat(log).noneMatch(line -> line.contains("BatchNormalization"));
      assertThat(network.params()).as("the training is left alone").isEqualTo(alone.params());

      LcscResult result = listener[0].results().get(0);
      BatchNormStatistics statistics =
          BatchNormStatistics.of(network, () -> BatchNormStatistics.inputs(Trainings.data()));
      INDArray expected = window.merge(result.coefficients());
      INDArray linear = expected.dup();
      statistics.recompute(expected);
      INDArray merged = listener[0].mergedParameters().orElseThrow();
      assertThat(merged).isEqualTo(expected.reshape(merged.shape()));
      assertThat(merged).isNotEqualTo(linear.reshape(merged.shape()));
      assertThat(Trainings.loss(network, 12, 200).evaluate(merged).score())
          .isEqualTo(result.lcsc().validationScore());
      INDArray last = network.params().dup();
      statistics.recompute(last);
      assertThat(Trainings.loss(network, 12, 200).evaluate(last).score())
          .isEqualTo(result.baseline("last").validationScore());
      INDArray written =
          MultiLayerNetwork.load(run.resolve("lcsc/20/model.zip").toFile(), false).params();
      assertThat(written.reshape(merged.shape())).isEqualTo(merged);
      INDArray average = listener[0].emas().get(0).parameters().dup();
      statistics.recompute(average);
      assertThat(
              MultiLayerNetwork.load(run.resolve("ema/0.8.zip").toFile(), false)
                  .params()
                  .reshape(average.shape()))
          .isEqualTo(average);
    }
  }

  @Test
  void withoutDataAWarningSaysThatTheyAreMergedLinearly() {
    MultiLayerNetwork network = network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener[] listener = new LcscListener[1];
      List<String> log = Trainings.logged(() -> listener[0] = trained(network, window, null));
      assertThat(log)
          .filteredOn(line -> line.contains("BatchNormalization"))
          .singleElement()
          .asString()
          .startsWith("The network has 1 BatchNormalization layers")
          .contains("merged linearly");
      LcscResult result = listener[0].results().get(0);
      assertThat(Trainings.loss(network, 12, 200).evaluate(network.params()).score())
          .isEqualTo(result.baseline("last").validationScore());
    }
  }
}
