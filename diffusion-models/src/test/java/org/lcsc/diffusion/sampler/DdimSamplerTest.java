package org.lcsc.diffusion.sampler;

import static java.lang.Double.NaN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.lcsc.diffusion.sampler.DdpmSampler.Variance;
import org.lcsc.diffusion.schedule.InPlace;
import org.lcsc.diffusion.schedule.LogSnrSchedule;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class DdimSamplerTest {

  private static final NoiseSchedule CHAIN = NoiseSchedule.linear(1000);

  private static INDArray scalar(double value) {
    return Nd4j.createFromArray(value).reshape(1, 1, 1, 1);
  }

  /** The step 500 -> 400 is read off the input of the second evaluation. */
  @ParameterizedTest
  @CsvSource({"0, .6380464302", "1, .6360225304"})
  void oneStepFrom500To400(double eta, double expected) {
    Sampler sampler = new DdimSampler(CHAIN, Prediction.EPSILON, new int[] {400, 500}, eta, false);
    List<Double> inputs = new ArrayList<>();
    Denoiser model =
        (x, time) -> {
          inputs.add(x.getDouble(0));
          return scalar(.5);
        };
    sampler.sample(model, scalar(.6), step -> scalar(.25));
    assertThat(inputs.get(1)).isCloseTo(expected, within(1e-10));
  }

  /** diffusers, tests/schedulers/test_scheduler_ddim.py: full loop, sum 172.0067, mean .223967. */
  @Test
  void tenStepsMatchDiffusers() {
    Sampler sampler =
        new DdimSampler(CHAIN, Prediction.EPSILON, Timesteps.uniform(1000, 10), 0, true);
    INDArray x = sampler.sample(DiffusersFixture.MODEL, DiffusersFixture.sample(), StepNoise.NONE);
    double sum = x.norm1Number().doubleValue();
    assertThat(sum).isCloseTo(172.0065222, within(1e-6));
    assertThat(sum / 768).isCloseTo(.223967, within(1e-6));
  }

  /** diffusers: full loop with noise, sum 354.5418, mean .4616. */
  @Test
  void lastTwoStepsFromNoisedImagesMatchDiffusers() {
    INDArray x = Nd4j.createUninitialized(DataType.DOUBLE, 4, 3, 8, 8);
    InPlace.combine(
        CHAIN.alpha(100), DiffusersFixture.sample(), CHAIN.sigma(100), DiffusersFixture.noise(), x);
    Sampler sampler = new DdimSampler(CHAIN, Prediction.EPSILON, new int[] {0, 100}, 0, true);
    double sum =
        sampler.sample(DiffusersFixture.MODEL, x, StepNoise.NONE).norm1Number().doubleValue();
    assertThat(sum).isCloseTo(354.5415012, within(1e-6));
  }

  @ParameterizedTest
  @EnumSource(Prediction.class)
  void isDpmSolverOfFirstOrder(Prediction prediction) {
    LogSnrSchedule schedule = LogSnrSchedule.discrete(CHAIN);
    Denoiser network = GaussianData.network(schedule, prediction, time -> (time + 1) / 1000);
    int[] steps = Timesteps.uniform(1000, 20);
    double ddim = GaussianData.factor(new DdimSampler(CHAIN, prediction, steps, 0, false), network);
    // the same times, and the predicted x_0 in the place of DDIM's last step
    double[] times = new double[20];
    for (int i = 0; i < 20; i++) {
      times[i] = (steps[19 - i] + 1) / 1000.0;
    }
    DpmSolver.Options options =
        new DpmSolver.Options(
            DpmSolver.Algorithm.DPM_SOLVER,
            DpmSolver.Method.MULTISTEP,
            1,
            19,
            DpmSolver.Spacing.TIME_UNIFORM,
            DpmSolver.SolverType.DPMSOLVER,
            false,
            true);
    double dpm = GaussianData.factor(new DpmSolver(schedule, prediction, options, times), network);
    assertThat(ddim).isCloseTo(dpm, within(1e-11));
  }

  @Test
  void atEtaOneIsAncestralSamplingOfFixedSmallVariance() {
    int[] steps = Timesteps.even(1000, 7);
    StepNoise noise = step -> DiffusersFixture.noise().mul(step - 2.5);
    INDArray ddim =
        new DdimSampler(CHAIN, Prediction.EPSILON, steps, 1, true)
            .sample(DiffusersFixture.MODEL, DiffusersFixture.sample(), noise);
    INDArray ddpm =
        new DdpmSampler(CHAIN, Prediction.EPSILON, steps, Variance.FIXED_SMALL, true)
            .sample(DiffusersFixture.MODEL, DiffusersFixture.sample(), noise);
    assertThat(ddim.sub(ddpm).amaxNumber().doubleValue()).isLessThan(1e-11);
  }

  @Test
  void asksForNoiseInEveryStepButTheLast() {
    List<Integer> asked = new ArrayList<>();
    new DdimSampler(CHAIN, Prediction.V, Timesteps.uniform(1000, 4), .5, false)
        .sample(
            (x, time) -> x.mul(.1),
            scalar(1),
            step -> {
              asked.add(step);
              return scalar(0);
            });
    assertThat(asked).containsExactly(0, 1, 2);
  }

  @Test
  void clippedImagesStayWithinRange() {
    Sampler sampler = new DdimSampler(CHAIN, Prediction.X0, new int[] {999}, 0, true);
    INDArray x = sampler.sample((input, time) -> input.mul(7), scalar(1), StepNoise.NONE);
    assertThat(x.getDouble(0)).isEqualTo(1);
    INDArray broken = sampler.sample((input, time) -> scalar(NaN), scalar(1), StepNoise.NONE);
    assertThat(broken.getDouble(0)).as("a broken network shows").isNaN();
  }

  @Test
  void countsItsEvaluations() {
    int[] steps = Timesteps.uniform(1000, 15);
    Sampler sampler = new DdimSampler(CHAIN, Prediction.EPSILON, steps, 0, false);
    assertThat(sampler.evaluations()).isEqualTo(16);
    assertThat(sampler).hasToString("DDIM(linear(1000), epsilon, 16 steps, eta 0.0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DdimSampler(CHAIN, Prediction.EPSILON, steps, 1.5, false))
        .withMessage("eta: out of range (1.5), allowed: 0.0 to 1.0");
  }
}
