package org.lcsc.diffusion.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.listeners.CollectScoresIterationListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lcsc.diffusion.engine.SamplingEngine;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.diffusion.training.OneHot;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.lcsc.diffusion.unet.UNets;
import org.lcsc.image.ImageShape;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.SeededNoise;
import org.lcsc.objective.TimeRanges;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;

class UNetSamplesTest {

  private static final ImageShape SHAPE = new ImageShape(1, 8, 8);
  private static final int CLASSES = 3;
  private static final NoiseSource NOISE = new SeededNoise(21);

  /** A network whose blocks do something from the start. */
  private static ComputationGraph network(int classes) {
    UNetConfig config =
        UNets.ddpm(8, List.of(1, 2), List.of(4), 0.1, TimeConditioning.ADD, classes > 0);
    return UNets.network(
        config, new NetworkBody.Images(1, 8, classes), new Adam(1e-3), 3, DataType.FLOAT);
  }

  /** Of one evaluation, at the end of the chain. */
  private static Sampler oneEvaluation() {
    return new DdimSampler(
        NoiseSchedule.linear(1000), Prediction.EPSILON, new int[] {999}, 0, false);
  }

  private static Sampler sampler(SamplerSettings settings) {
    return settings.of(new SampledModel.Chain(NoiseSchedule.linear(1000), Prediction.EPSILON));
  }

  static List<SamplerSettings> samplers() {
    return List.of(Samplers.settings("dpm-solver++", 5), Samplers.settings("ddpm", 6));
  }

  private static INDArray rows(INDArray images, int from, int to) {
    return images.get(NDArrayIndex.interval(from, to)).dup();
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void aSampleDoesNotDependOnTheBatchItIsDrawnIn(SamplerSettings settings) {
    for (int classes : new int[] {0, CLASSES}) {
      UNetSamples samples = new UNetSamples(network(classes), sampler(settings), SHAPE, classes);
      INDArray all = samples.sample(NOISE, 10, 7);
      assertThat(all.shape()).containsExactly(7, 1, 8, 8);
      assertThat(all.dataType()).isEqualTo(DataType.FLOAT);
      INDArray parts = Nd4j.concat(0, samples.sample(NOISE, 10, 3), samples.sample(NOISE, 13, 4));
      double size = Math.max(1, all.amaxNumber().doubleValue());
      assertThat(parts.sub(all).amaxNumber().doubleValue() / size)
          .as("%s, %d classes", settings.kind(), classes)
          .isLessThan(1e-5);
      assertThat(rows(all, 0, 1)).isNotEqualTo(rows(all, 1, 2));
    }
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void theSameNoiseGivesTheSameSamplesToTheBit(SamplerSettings settings) {
    ComputationGraph network = network(CLASSES);
    UNetSamples samples = new UNetSamples(network, sampler(settings), SHAPE, CLASSES);
    INDArray first = samples.sample(NOISE, 0, 4);
    INDArray copy = first.dup();
    samples.sample(new SeededNoise(22), 0, 4);
    Nd4j.getRandom().nextGaussian();
    assertThat(samples.sample(new SeededNoise(21), 0, 4)).isEqualTo(copy);
    assertThat(first).as("results are not overwritten").isEqualTo(copy);
    assertThat(new UNetSamples(network, sampler(settings), SHAPE, CLASSES).sample(NOISE, 0, 4))
        .isEqualTo(copy);
  }

  @Test
  void theTrainedNetworkIsLeftAlone() {
    ComputationGraph network = network(0);
    network.setListeners(new CollectScoresIterationListener());
    INDArray before = network.params().dup();
    long random = Nd4j.getRandom().rootState();
    UNetSamples samples = new UNetSamples(network, sampler(Samplers.settings("ddpm", 3)), SHAPE, 0);
    INDArray own = samples.sample(NOISE, 0, 2);
    samples.setParameters(before.mul(0.5));
    assertThat(samples.sample(NOISE, 0, 2)).isNotEqualTo(own);
    assertThat(network.params()).isEqualTo(before);
    assertThat(network.getListeners()).hasSize(1);
    assertThat(Nd4j.getRandom().rootState()).isEqualTo(random);
    samples.setParameters(before);
    assertThat(samples.sample(NOISE, 0, 2)).isEqualTo(own);
    network.params().muli(0);
    assertThat(samples.sample(NOISE, 0, 2)).as("parameters are copied").isEqualTo(own);
  }

  @Test
  void parametersAreCopied() {
    UNetSamples samples =
        new UNetSamples(network(0), sampler(Samplers.settings("ddim", 2)), SHAPE, 0);
    INDArray parameters = network(0).params().mul(0.9);
    samples.setParameters(parameters);
    INDArray expected = samples.sample(NOISE, 0, 2);
    parameters.muli(0);
    assertThat(samples.sample(NOISE, 0, 2)).isEqualTo(expected);
  }

  @Test
  void classLabelsAreAsFixedAsTheNoise() {
    ComputationGraph network = network(CLASSES);
    Sampler oneEvaluation = oneEvaluation();
    UNetSamples samples = new UNetSamples(network, oneEvaluation, SHAPE, CLASSES);
    int count = 12;
    INDArray drawn = samples.sample(NOISE, 0, count);
    List<INDArray> ofClass = new ArrayList<>();
    for (int label = 0; label < CLASSES; label++) {
      int[] labels = new int[count];
      java.util.Arrays.fill(labels, label);
      INDArray oneHot = OneHot.of(labels, CLASSES);
      ofClass.add(
          oneEvaluation.sample(
              (x, time) ->
                  network.outputSingle(
                      x, Nd4j.valueArrayOf(new long[] {count, 1}, time, DataType.FLOAT), oneHot),
              NOISE.gaussian(0, 0, count, 1, 8, 8),
              StepNoise.NONE));
    }
    boolean[] seen = new boolean[CLASSES];
    for (int i = 0; i < count; i++) {
      INDArray image = rows(drawn, i, i + 1);
      int matches = 0;
      for (int label = 0; label < CLASSES; label++) {
        if (rows(ofClass.get(label), i, i + 1).equals(image)) {
          seen[label] = true;
          matches++;
        }
      }
      assertThat(matches).as("classes that sample %d could be of", i).isEqualTo(1);
    }
    assertThat(seen).as("classes seen").containsOnly(true);
  }

  private static INDArray guided(ComputationGraph network, Sampler sampler, Guidance guidance) {
    return new UNetSamples(
            network, sampler, SHAPE, CLASSES, TimeRanges.ONE, guidance, new SamplingEngine.Dl4j())
        .sample(NOISE, 0, 6);
  }

  /** One evaluation, of which the sample is a linear function. */
  @Test
  void guidanceGoesFromNoClassThroughTheClassAndBeyond() {
    ComputationGraph network = network(CLASSES);
    Sampler one = oneEvaluation();
    INDArray ofClass = new UNetSamples(network, one, SHAPE, CLASSES).sample(NOISE, 0, 6);
    assertThat(guided(network, one, Guidance.everywhere(1))).isEqualTo(ofClass);
    INDArray ofNone =
        one.sample(
            (x, time) ->
                network.outputSingle(
                    x,
                    Nd4j.valueArrayOf(new long[] {6, 1}, time, DataType.FLOAT),
                    Nd4j.zeros(DataType.FLOAT, 6, CLASSES)),
            NOISE.gaussian(0, 0, 6, 1, 8, 8),
            StepNoise.NONE);
    assertThat(guided(network, one, Guidance.everywhere(0))).isEqualTo(ofNone);
    INDArray expected = ofNone.add(ofClass.sub(ofNone).mul(2.5));
    double apart = ofClass.distance2(ofNone);
    assertThat(apart).isGreaterThan(0.01);
    assertThat(guided(network, one, Guidance.everywhere(2.5)).distance2(expected))
        .isLessThan(1e-4 * expected.norm2Number().doubleValue());
  }

  @Test
  void guidanceKeepsToItsInterval() {
    ComputationGraph network = network(CLASSES);
    Sampler sampler = sampler(Samplers.settings("ddim", 4));
    double[] levels = sampler.noiseLevels();
    INDArray plain = guided(network, sampler, Guidance.everywhere(1));
    INDArray everywhere = guided(network, sampler, Guidance.everywhere(3));
    assertThat(guided(network, sampler, new Guidance(3, levels[0] * 1.01, null))).isEqualTo(plain);
    assertThat(guided(network, sampler, new Guidance(3, null, levels[3] * 0.99))).isEqualTo(plain);
    assertThat(guided(network, sampler, new Guidance(3, levels[3], levels[0])))
        .isEqualTo(everywhere);
    assertThat(guided(network, sampler, new Guidance(3, levels[2], levels[1])))
        .isNotEqualTo(everywhere)
        .isNotEqualTo(plain);
  }

  @Test
  void guidanceRefusesWhatIsNoInterval() {
    assertThatThrownBy(() -> new Guidance(2, 3.0, 1.0))
        .hasMessage("to: below from (1.0, from 3.0), allowed: at least from");
    assertThatThrownBy(() -> Guidance.everywhere(-1))
        .hasMessage("scale: negative (-1.0), allowed: 0 or more");
    assertThat(new Guidance(2, 0.2, null)).hasToString("guidance 2.0, from sigma 0.2");
  }

  @Test
  void refusesParametersOfAnotherNetworkAndNetworksOfOtherInputs() {
    ComputationGraph network = network(0);
    Sampler sampler = sampler(Samplers.settings("ddim", 2));
    UNetSamples samples = new UNetSamples(network, sampler, SHAPE, 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> samples.setParameters(Nd4j.zeros(5)))
        .withMessage("parameters: expected " + network.numParams() + " values, got 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new UNetSamples(network, sampler, SHAPE, CLASSES))
        .withMessage("network: expected inputs image, time, label, got [image, time]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new UNetSamples(network(CLASSES), sampler, SHAPE, 0))
        .withMessage("network: expected inputs image, time, got [image, time, label]");
  }
}
