package org.lcsc.diffusion.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lcsc.diffusion.sampler.DdpmSampler.Variance;
import org.lcsc.diffusion.schedule.BetaSchedules;
import org.lcsc.diffusion.schedule.LogSnrSchedule;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.NoiseSchedule.Posterior;
import org.lcsc.diffusion.schedule.Prediction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class DdpmSamplerTest {

  private static final NoiseSchedule CHAIN = NoiseSchedule.linear(1000);
  private static final LogSnrSchedule CONTINUOUS = LogSnrSchedule.discrete(CHAIN);
  private static final int SAMPLES = 20_000;

  private static INDArray gaussian(Random random) {
    double[] values = new double[SAMPLES];
    Arrays.setAll(values, i -> random.nextGaussian());
    return Nd4j.createFromArray(values).reshape(SAMPLES / 4, 1, 2, 2);
  }

  /**
   * On Gaussian data every step is linear in x, so the variance of the samples is known exactly;
   * the empirical one has a relative standard error of sqrt(2 / 20000) = 1 %.
   */
  @ParameterizedTest
  @EnumSource(Variance.class)
  void samplesOfGaussianDataHaveTheVarianceThatTheStepsPredict(Variance variance) {
    int[] steps = Timesteps.even(1000, 25);
    Denoiser network =
        GaussianData.network(CONTINUOUS, Prediction.EPSILON, time -> (time + 1) / 1000);
    Sampler sampler = new DdpmSampler(CHAIN, Prediction.EPSILON, steps, variance, false);
    Random random = new Random(17);
    INDArray x = sampler.sample(network, gaussian(random), step -> gaussian(random));
    double expected = varianceAfter(steps, variance);
    double mean = x.meanNumber().doubleValue();
    double empirical = x.mul(x).meanNumber().doubleValue() - mean * mean;
    assertThat(mean).isCloseTo(0, within(4 * Math.sqrt(expected / SAMPLES)));
    assertThat(empirical / expected).isCloseTo(1, within(.04));
  }

  @Test
  void theWholeChainReachesTheVarianceOfTheData() {
    // the two choices bound the right variance from below and above
    assertThat(varianceAfter(Timesteps.all(1000), Variance.FIXED_SMALL)).isBetween(.245, .25);
    assertThat(varianceAfter(Timesteps.all(1000), Variance.FIXED_LARGE)).isBetween(.25, .255);
  }

  /** The recursion of the variance under the posterior mean with the perfect x_0. */
  private static double varianceAfter(int[] steps, Variance variance) {
    double v = 1;
    for (int i = steps.length - 1; i >= 0; i--) {
      int t = steps[i];
      int s = i == 0 ? -1 : steps[i - 1];
      Posterior posterior = CHAIN.posterior(t, s);
      double alphaBar = CHAIN.alphaBar(t);
      double x0 = CHAIN.alpha(t) * .25 / (alphaBar * .25 + 1 - alphaBar);
      double factor = posterior.xtWeight() + posterior.x0Weight() * x0;
      double added = variance == Variance.FIXED_LARGE ? posterior.beta() : posterior.variance();
      v = factor * factor * v + (s == -1 ? 0 : added);
    }
    return v;
  }

  @Test
  void visitsTheStepsDownwardsAndDrawsNoiseButForTheLast() {
    List<Double> times = new ArrayList<>();
    List<Integer> draws = new ArrayList<>();
    Sampler sampler =
        new DdpmSampler(
            new BetaSchedules.Cosine().over(100),
            Prediction.V,
            new int[] {0, 30, 99},
            Variance.FIXED_LARGE,
            true);
    INDArray x =
        sampler.sample(
            (input, time) -> {
              times.add(time);
              return input.mul(-5);
            },
            Nd4j.createFromArray(3.0, -3.0).reshape(2, 1, 1, 1),
            step -> {
              draws.add(step);
              return Nd4j.zeros(2, 1, 1, 1);
            });
    assertThat(times).containsExactly(990.0, 300.0, 0.0);
    assertThat(draws).containsExactly(0, 1);
    assertThat(x.amaxNumber().doubleValue()).as("clipped").isLessThanOrEqualTo(1);
    assertThat(sampler.evaluations()).isEqualTo(3);
    assertThat(sampler).hasToString("DDPM(cosine(100), v, 3 steps, fixed-large, clip)");
  }
}
