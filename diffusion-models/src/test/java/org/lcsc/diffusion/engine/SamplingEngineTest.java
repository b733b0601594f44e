package org.lcsc.diffusion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Parts;
import org.lcsc.diffusion.sampler.Guidance;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.sampler.Sampler;
import org.lcsc.diffusion.sampler.SamplerSettings;
import org.lcsc.diffusion.sampler.UNetSamples;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.lcsc.diffusion.unet.UNets;
import org.lcsc.image.ImageShape;
import org.lcsc.objective.DifferentiableSampleGenerator.Recording;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.SeededNoise;
import org.lcsc.objective.TimeRanges;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Samples are the same but for rounding whatever computes the network's outputs. */
class SamplingEngineTest {

  private static final int CLASSES = 3;
  private static final ImageShape SHAPE = new ImageShape(1, 8, 8);
  private static final NoiseSource NOISE = new SeededNoise(21);
  private static final NoiseSchedule CHAIN = NoiseSchedule.linear(1000);

  /** Of the largest value; a few rounding errors of float32 by evaluation. */
  private static final double ROUNDING = 1e-4;

  private static ComputationGraph network(long seed, DataType type) {
    UNetConfig body = UNets.ddpm(8, List.of(1, 2), List.of(4), 0.1, TimeConditioning.ADD, true);
    return UNets.network(body, new NetworkBody.Images(1, 8, CLASSES), new NoOp(), seed, type);
  }

  private static ComputationGraph network(long seed) {
    return network(seed, DataType.FLOAT);
  }

  private static Sampler sampler(String kind) {
    SamplerSettings settings = Parts.named(SamplerSettings.class, "kind", kind);
    return Parts.with(settings, Map.of("steps", 4))
        .of(new SampledModel.Chain(CHAIN, Prediction.EPSILON));
  }

  private static UNetSamples samples(Sampler sampler, TimeRanges ranges, SamplingEngine engine) {
    Guidance guidance = new Guidance(1.5, 0.5, null);
    return new UNetSamples(network(3), sampler, SHAPE, CLASSES, ranges, guidance, engine);
  }

  private static void assertClose(INDArray actual, INDArray expected) {
    double size = expected.amaxNumber().doubleValue();
    assertThat(actual.sub(expected).amaxNumber().doubleValue()).isLessThan(ROUNDING * size);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dpm-solver++", "heun", "ddim"})
  void samplesAgree(String kind) {
    UNetSamples ours = samples(sampler(kind), TimeRanges.ONE, new SamplingEngine.Dl4j());
    UNetSamples theirs = samples(sampler(kind), TimeRanges.ONE, new OnnxEngine());
    assertClose(theirs.sample(NOISE, 0, 5), ours.sample(NOISE, 0, 5));
    for (long seed = 4; seed < 6; seed++) {
      INDArray candidate = network(seed).params();
      ours.setParameters(candidate);
      theirs.setParameters(candidate);
      INDArray images = theirs.sample(NOISE, 7, 3);
      assertClose(images, ours.sample(NOISE, 7, 3));
      assertThat(theirs.sample(NOISE, 7, 3)).as("repeated").isEqualTo(images);
      UNetSamples other = samples(sampler(kind), TimeRanges.ONE, new OnnxEngine());
      other.setParameters(candidate);
      assertThat(other.sample(NOISE, 7, 3)).as("by another session").isEqualTo(images);
    }
  }

  @Test
  void everyRangeOfNoiseLevelsHasItsParameters() {
    Sampler sampler = sampler("ddim");
    TimeRanges halves = TimeRanges.equalShares(2, sampler.noiseLevels());
    UNetSamples ours = samples(sampler, halves, new SamplingEngine.Dl4j());
    UNetSamples theirs = samples(sampler, halves, new OnnxEngine());
    INDArray both = Nd4j.concat(0, flat(network(4)), flat(network(5)));
    for (INDArray parameters : List.of(both, flat(network(6)), both.mul(0.9))) {
      ours.setParameters(parameters);
      theirs.setParameters(parameters);
      assertClose(theirs.sample(NOISE, 0, 3), ours.sample(NOISE, 0, 3));
    }
  }

  private static INDArray flat(ComputationGraph network) {
    return network.params().reshape(network.numParams());
  }

  @Test
  void gradientsAgree() {
    INDArray[] gradients = new INDArray[2];
    SamplingEngine[] engines = {new SamplingEngine.Dl4j(), new OnnxEngine()};
    for (int i = 0; i < gradients.length; i++) {
      UNetSamples samples = samples(sampler("dpm-solver++"), TimeRanges.ONE, engines[i]);
      samples.setParameters(network(4).params());
      gradients[i] = Nd4j.zeros(DataType.FLOAT, network(4).numParams());
      try (Recording recording = samples.record(NOISE, 0, 4)) {
        recording.backpropagate(Nd4j.ones(4, 1, 8, 8), gradients[i]);
      }
    }
    assertClose(gradients[1], gradients[0]);
  }

  @Test
  void theNumberOfThreadsChangesNothing() {
    INDArray image = NOISE.gaussian(0, 0, 32, 1, 8, 8);
    INDArray[] inputs = {image, Nd4j.ones(32, 1).muli(500), Nd4j.zeros(32, CLASSES)};
    try (Forward one = new OnnxForward(network(3), 1, false);
        Forward two = new OnnxForward(network(3), 2, false)) {
      assertThat(two.output(inputs)).isEqualTo(one.output(inputs));
    }
  }

  @Test
  void autoIsDecidedForOneOfThem() {
    INDArray[] inputs = {NOISE.gaussian(0, 0, 2, 1, 8, 8), Nd4j.ones(2, 1), Nd4j.zeros(2, CLASSES)};
    SamplingEngine auto = new AutoEngine();
    assertThat(auto.decided(network(3), inputs)).isIn(new SamplingEngine.Dl4j(), new OnnxEngine());
    assertThatThrownBy(() -> auto.open(network(3))).hasMessage("engine auto: not decided yet");
    assertThat(new OnnxEngine().decided(network(3), inputs)).isEqualTo(new OnnxEngine());
  }

  @Test
  void autoIsDeeplearning4jWhereTheNetworkHasNoFormInOnnx() {
    ComputationGraph foreign =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .updater(new NoOp())
                .graphBuilder()
                .addInputs(UNet.TIME)
                .addLayer("out", new LossLayer.Builder(LossFunction.MSE).build(), UNet.TIME)
                .setOutputs("out")
                .build());
    foreign.init();
    assertThat(new AutoEngine().decided(foreign, Nd4j.ones(2, 1)))
        .isEqualTo(new SamplingEngine.Dl4j());
  }

  @Test
  void enginesAreToldByName() {
    assertThat(Parts.of(SamplingEngine.class))
        .containsOnlyKeys("auto", "dl4j", "onnxruntime", "onnxruntime-cuda");
    assertThatThrownBy(() -> Parts.named(SamplingEngine.class, "sampler.engine", "onnx"))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("unknown value (onnx)");
  }

  @Test
  void anEngineThatIsNotHereIsOneLine() {
    assertThatThrownBy(() -> new OnnxEngine.Cuda().requireUsable())
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .startsWith("the ONNX Runtime on the class path has no CUDA (onnxruntime-cuda), needed:")
        .doesNotContain("\n");
    assertThatThrownBy(() -> new OnnxEngine().open(network(3, DataType.DOUBLE)))
        .hasMessage("ONNX Runtime computes in float32, got a network of DOUBLE");
  }
}
