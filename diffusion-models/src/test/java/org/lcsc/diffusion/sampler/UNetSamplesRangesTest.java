package org.lcsc.diffusion.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.diffusion.engine.SamplingEngine;
import org.lcsc.diffusion.schedule.BetaSchedules;
import org.lcsc.diffusion.schedule.ContinuousLinearLogSnr;
import org.lcsc.diffusion.schedule.KarrasSigmas;
import org.lcsc.diffusion.schedule.LogSnrSchedule;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
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
import org.nd4j.linalg.learning.config.Adam;

/** Sampling with a model of its own in every range of noise levels, and its gradient. */
class UNetSamplesRangesTest {

  private static final ImageShape SHAPE = new ImageShape(1, 8, 8);
  private static final NoiseSource NOISE = new SeededNoise(21);
  private static final NoiseSchedule LINEAR = NoiseSchedule.linear(1000);

  private static ComputationGraph network(DataType type, long seed) {
    UNetConfig config =
        UNets.ddpm(4, List.of(1), List.of(), 0, TimeConditioning.SCALE_SHIFT, false);
    return UNets.network(config, new NetworkBody.Images(1, 8), new Adam(1e-3), seed, type);
  }

  private static Sampler sampler(String kind, int steps) {
    return Samplers.of(kind, steps, LINEAR, Prediction.EPSILON);
  }

  private static UNetSamples samples(DataType type, Sampler sampler, int ranges) {
    TimeRanges shares = TimeRanges.equalShares(ranges, sampler.noiseLevels());
    return new UNetSamples(
        network(type, 3),
        sampler,
        SHAPE,
        0,
        shares,
        Guidance.everywhere(1),
        new SamplingEngine.Dl4j());
  }

  @ParameterizedTest
  @CsvSource({"ddim, 2", "dpm-solver++, 2", "ddim, 3", "heun, 2"})
  void theGradientOfEveryRangeMatchesCentralDifferencesInDouble(String kind, int ranges) {
    UNetSamples samples = samples(DataType.DOUBLE, sampler(kind, 4), ranges);
    INDArray epsilon = new SeededNoise(5).gaussian(0, 0, 2, 1, 8, 8).castTo(DataType.DOUBLE);
    INDArray parameters =
        Nd4j.concat(
            0,
            LongStream.range(0, ranges)
                .mapToObj(seed -> network(DataType.DOUBLE, seed + 1).params().dup())
                .toArray(INDArray[]::new));
    int single = (int) parameters.length() / ranges;
    INDArray gradient = UNetSamplesGradientTest.gradient(samples, parameters, epsilon);
    for (int range = 0; range < ranges; range++) {
      // A direction in which the parameters of this range alone change.
      double[] only = new double[ranges * single];
      double[] normal =
          new SeededNoise(8)
              .gaussian(range, 0, 1, single)
              .castTo(DataType.DOUBLE)
              .data()
              .asDouble();
      System.arraycopy(normal, 0, only, range * single, single);
      INDArray v = Nd4j.createFromArray(only);
      double expected = UNetSamplesGradientTest.slope(samples, parameters, v, epsilon);
      assertThat(Math.abs(expected)).as("range %d matters", range).isGreaterThan(1e-6);
      assertThat(Nd4j.getBlasWrapper().dot(gradient, v))
          .as("range %d", range)
          .isCloseTo(expected, within(1e-5 * Math.abs(expected)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ddim", "dpm-solver++", "ddpm"})
  void theSameModelInEveryRangeIsASingleModelToTheBit(String kind) {
    Sampler sampler = sampler(kind, 5);
    INDArray parameters = network(DataType.FLOAT, 9).params().dup();
    UNetSamples single = new UNetSamples(network(DataType.FLOAT, 3), sampler, SHAPE, 0);
    single.setParameters(parameters);
    INDArray expected = single.sample(NOISE, 0, 3);
    UNetSamples ranged = samples(DataType.FLOAT, sampler, 2);
    ranged.setParameters(parameters);
    assertThat(ranged.sample(NOISE, 0, 3)).as("one vector").isEqualTo(expected);
    ranged.setParameters(Nd4j.concat(0, parameters, parameters));
    assertThat(ranged.sample(NOISE, 0, 3)).as("two equal vectors").isEqualTo(expected);
    ranged.setParameters(Nd4j.concat(0, parameters, network(DataType.FLOAT, 10).params()));
    INDArray different = ranged.sample(NOISE, 0, 3);
    assertThat(different).as("two vectors").isNotEqualTo(expected);
    assertThat(ranged.sample(NOISE, 0, 3)).as("again").isEqualTo(different);
    ranged.setParameters(parameters);
    assertThat(ranged.sample(NOISE, 0, 3)).as("one vector again").isEqualTo(expected);
  }

  /** Every range's network does all evaluations in it, by a sampler without ranges. */
  @Test
  void everyEvaluationIsOfTheModelOfItsNoiseLevel() {
    Sampler sampler = sampler("dpm-solver++", 5);
    TimeRanges ranges = new TimeRanges(List.of(0.5, 5.0));
    ComputationGraph[] networks = new ComputationGraph[3];
    Arrays.setAll(networks, r -> network(DataType.FLOAT, r + 11));
    INDArray stacked =
        Nd4j.concat(
            0, Arrays.stream(networks).map(ComputationGraph::params).toArray(INDArray[]::new));
    UNetSamples samples =
        new UNetSamples(
            networks[0],
            sampler,
            SHAPE,
            0,
            ranges,
            Guidance.everywhere(1),
            new SamplingEngine.Dl4j());
    samples.setParameters(stacked);
    INDArray expected =
        sampler.sample(
            (x, time) -> {
              double sigma = sampler.noiseLevel(time);
              ComputationGraph own = networks[sigma < 0.5 ? 0 : sigma < 5 ? 1 : 2];
              return own.outputSingle(
                  x, Nd4j.valueArrayOf(new long[] {3, 1}, time, DataType.FLOAT));
            },
            NOISE.gaussian(0, 0, 3, 1, 8, 8),
            StepNoise.NONE);
    assertThat(samples.sample(NOISE, 0, 3)).isEqualTo(expected);
  }

  @Test
  void noiseLevelsAreThoseOfTheSchedule() {
    int[] steps = Timesteps.uniform(1000, 4);
    double[] ddim = sampler("ddim", 4).noiseLevels();
    assertThat(ddim).hasSize(4);
    for (int i = 0; i < 4; i++) {
      int t = steps[3 - i];
      assertThat(ddim[i]).isCloseTo(LINEAR.sigma(t) / LINEAR.alpha(t), within(1e-9 * ddim[i]));
    }
    double[] ddpm = sampler("ddpm", 4).noiseLevels();
    assertThat(ddpm).hasSize(4);
    assertThat(ddpm[0]).isCloseTo(LINEAR.sigma(999) / LINEAR.alpha(999), within(1e-6));
    assertThat(ddpm[3]).isEqualTo(ddim[3]);
    // Evenly spaced in lambda = -ln sigma.
    double[] dpm = sampler("dpm-solver++", 5).noiseLevels();
    assertThat(dpm).hasSize(5);
    LogSnrSchedule schedule = LogSnrSchedule.discrete(LINEAR);
    double start = schedule.lambda(1);
    double span = schedule.lambda(schedule.endTime()) - start;
    for (int i = 0; i < 5; i++) {
      assertThat(-Math.log(dpm[i])).isCloseTo(start + i * span / 5, within(1e-6));
    }
    double[] edm = new HeunSampler(KarrasSigmas.edm(3), HeunSampler.Churn.NONE).noiseLevels();
    double[] sigmas = KarrasSigmas.edm(3);
    assertThat(edm).containsExactly(sigmas[0], sigmas[1], sigmas[1], sigmas[2], sigmas[2]);
    assertThat(new ContinuousLinearLogSnr(0.1, 20).noiseLevel(0.4))
        .isCloseTo(Math.exp(-new ContinuousLinearLogSnr(0.1, 20).lambda(0.4)), within(1e-12));
  }

  @Test
  void noiseLevelsAscendBetweenAndBeyondTheSteps() {
    double last = -1;
    for (double time = -1; time < 1005; time += 0.25) {
      double level = LINEAR.noiseLevel(time);
      assertThat(level).as("time %s", time).isGreaterThan(last);
      last = level;
    }
    NoiseSchedule cosine = new BetaSchedules.Cosine().over(4000);
    assertThat(cosine.noiseLevel(cosine.networkTime(1234)))
        .isCloseTo(cosine.sigma(1234) / cosine.alpha(1234), within(1e-9));
  }

  @Test
  void refusesParametersOfAnotherNumberOfRanges() {
    UNetSamples samples = samples(DataType.FLOAT, sampler("ddim", 4), 2);
    long single = network(DataType.FLOAT, 1).numParams();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> samples.setParameters(Nd4j.zeros(DataType.FLOAT, 3 * single)))
        .withMessage(
            "parameters: expected %d values, or as many for each of 2 ranges, got %d"
                .formatted(single, 3 * single));
  }
}
