package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.config.RunConfig;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class SamplingEngineOfARunTest {

  private static RunConfig config(String engine) throws Exception {
    return YamlConfig.parse(
        "config",
        """
        dataset: { name: digits }
        model: { kind: flow, unet: { channels: 4, multipliers: [1], blocks: 1 } }
        sampler: { kind: flow, steps: 2, engine: %s }
        training: { iterations: 8, batchSize: 4, learningRate: 1e-3 }
        output: runs/x
        """
            .formatted(engine),
        RunConfig.class);
  }

  /** As a part from outside may be: no layer of this library. */
  private static ComputationGraph foreign() {
    ComputationGraph network =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .updater(new NoOp())
                .graphBuilder()
                .addInputs("in")
                .addLayer("out", new LossLayer.Builder(LossFunction.MSE).build(), "in")
                .setOutputs("out")
                .build());
    network.init();
    return network;
  }

  @Test
  void aNetworkThatItDoesNotTakeIsRefusedBeforeTheTraining() throws Exception {
    RunConfig onnx = config("onnxruntime");
    assertThatThrownBy(() -> Experiment.requireEngine(onnx, SamplingEngineOfARunTest::foreign))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageStartingWith("sampler.engine: ");
    for (String engine : new String[] {"auto", "dl4j"}) {
      RunConfig other = config(engine);
      assertThatCode(() -> Experiment.requireEngine(other, SamplingEngineOfARunTest::foreign))
          .doesNotThrowAnyException();
    }
  }
}
