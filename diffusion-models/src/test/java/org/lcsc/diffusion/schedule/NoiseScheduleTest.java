package org.lcsc.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.config.Parts;

class NoiseScheduleTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0.9999",
    "1, 0.9997800921",
    "10, 0.9978065725",
    "100, 0.8951415909",
    "500, 0.0777966584",
    "999, 4.0358297654e-5"
  })
  void linearScheduleHasThePublishedSignalRates(int t, double alphaBar) {
    assertThat(NoiseSchedule.linear(1000).alphaBar(t)).isCloseTo(alphaBar, withPercentage(1e-7));
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 0, 4.128422482e-5",
    "1000, 499, 0.00314588623",
    "1000, 998, 0.74999939",
    "1000, 999, 0.999",
    "4000, 0, 9.865818814e-6",
    "4000, 1999, 7.88321277e-4"
  })
  void cosineScheduleHasThePublishedBetas(int steps, int t, double beta) {
    assertThat(new BetaSchedules.Cosine().beta(t, steps)).isCloseTo(beta, withPercentage(1e-6));
  }

  @Test
  void otherShapesMeetTheirEnds() {
    BetaSchedule quadratic = new BetaSchedules.Quadratic();
    assertThat(quadratic.beta(0, 1000)).isCloseTo(1e-4, within(1e-15));
    assertThat(quadratic.beta(999, 1000)).isCloseTo(0.02, within(1e-15));
    double middle = (0.01 + Math.sqrt(0.02)) / 2;
    assertThat((quadratic.beta(499, 1000) + quadratic.beta(500, 1000)) / 2)
        .isCloseTo(middle * middle, within(1e-8));
    assertThat(new BetaSchedules.Constant().beta(123, 1000)).isEqualTo(0.02);
    BetaSchedule jsd = new BetaSchedules.Jsd();
    assertThat(jsd.beta(0, 1000)).isEqualTo(1e-3);
    assertThat(jsd.beta(998, 1000)).isEqualTo(0.5);
    assertThat(jsd.beta(999, 1000)).isEqualTo(0.999);
    assertThat(jsd.over(1000).alphaBar(499))
        .as("telescoping product")
        .isCloseTo(0.5, within(1e-12));
    BetaSchedule sigmoid = new BetaSchedules.Sigmoid();
    assertThat(sigmoid.beta(0, 1000)).isCloseTo(1e-4 + 0.0199 / (1 + Math.exp(6)), within(1e-15));
    assertThat(sigmoid.beta(0, 1000) + sigmoid.beta(999, 1000)).isCloseTo(0.0201, within(1e-15));
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "quadratic", "constant", "sigmoid"})
  void endsScaleWithTheLengthOfTheChain(String name) {
    BetaSchedule betas = Parts.named(BetaSchedule.class, "noiseSchedule", name);
    NoiseSchedule reference = betas.over(1000);
    NoiseSchedule quarter = betas.over(250);
    assertThat(betas.beta(0, 250)).isCloseTo(4 * betas.beta(0, 1000), within(1e-12));
    assertThat(betas.beta(249, 250)).isCloseTo(4 * betas.beta(999, 1000), within(1e-12));
    assertThat(Math.log(quarter.alphaBar(249)))
        .isCloseTo(Math.log(reference.alphaBar(999)), withPercentage(4));
    assertThat(quarter.networkTime(249)).isEqualTo(996);
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "cosine", "quadratic", "constant", "jsd", "sigmoid"})
  void everyNameIsKnownAndItsSignalDecays(String name) {
    NoiseSchedule schedule = named(name, 200);
    assertThat(schedule).hasToString(name + "(200)");
    for (int t = 0; t < 200; t++) {
      assertThat(schedule.alphaBar(t)).as("step " + t).isLessThan(schedule.alphaBar(t - 1));
      double alpha = schedule.alpha(t);
      double sigma = schedule.sigma(t);
      assertThat(alpha * alpha + sigma * sigma).isCloseTo(1, within(1e-12));
    }
  }

  /** diffusers, tests/schedulers/test_scheduler_ddpm.py: test_variance (0.00979, 0.02 there). */
  @Test
  void posteriorVarianceMatchesDiffusersDdpm() {
    NoiseSchedule schedule = NoiseSchedule.linear(1000);
    assertThat(schedule.posterior(0, -1).variance()).isZero();
    assertThat(schedule.posterior(487, 486).variance()).isCloseTo(0.0097915719857, within(1e-10));
    assertThat(schedule.posterior(999, 998).variance()).isCloseTo(0.0199999835, within(1e-10));
  }

  /** diffusers, tests/schedulers/test_scheduler_ddim.py: test_variance. */
  @Test
  void posteriorVarianceBetweenDistantStepsMatchesDiffusersDdim() {
    NoiseSchedule schedule = NoiseSchedule.linear(1000);
    assertThat(schedule.posterior(420, 400).variance()).isCloseTo(0.1477195, within(1e-7));
    assertThat(schedule.posterior(980, 960).variance()).isCloseTo(0.3246052, within(1e-7));
  }

  @Test
  void posteriorIsBayesRule() {
    NoiseSchedule schedule = new BetaSchedules.Cosine().over(100);
    int t = 70;
    int s = 40;
    NoiseSchedule.Posterior posterior = schedule.posterior(t, s);
    double step = schedule.alphaBar(t) / schedule.alphaBar(s);
    double likelihood = step / (1 - step); // precision that x_t gives to x_s
    double prior = 1 / (1 - schedule.alphaBar(s));
    assertThat(posterior.beta()).isCloseTo(1 - step, within(1e-12));
    assertThat(posterior.variance()).isCloseTo(1 / (likelihood + prior), within(1e-12));
    assertThat(posterior.x0Weight())
        .isCloseTo(posterior.variance() * prior * schedule.alpha(s), within(1e-12));
    assertThat(posterior.xtWeight())
        .isCloseTo(posterior.variance() * Math.sqrt(step) / (1 - step), within(1e-12));
  }

  @Test
  void posteriorOfTheFirstStepIsTheData() {
    NoiseSchedule.Posterior posterior = NoiseSchedule.linear(1000).posterior(0, -1);
    assertThat(posterior.x0Weight()).isCloseTo(1, within(1e-12));
    assertThat(posterior.xtWeight()).isZero();
  }

  @Test
  void refusesWhatMakesNoSchedule() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.linear(20))
        .withMessageContaining("linear with 20 steps")
        .withMessageContaining("more than 20 steps");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BetaSchedules.Cosine().over(1))
        .withMessageContaining("at least 2, but is 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NoiseSchedule("own", 2, t -> t == 0 ? 0.1 : Double.NaN))
        .withMessageContaining("NaN at step 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.linear(100).posterior(5, 5))
        .withMessageContaining("from step 5 to 5");
  }

  @Test
  void betasAtTheEndsOfTheirRangeAreRefused() {
    for (double beta : new double[] {0, 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new NoiseSchedule("own", 2, t -> beta))
          .withMessageContaining("beta must be in (0, 1), but is " + beta + " at step 0");
    }
    NoiseSchedule own = new NoiseSchedule("own", 2, t -> 0.5);
    assertThat(own).hasToString("own(2)");
    for (int[] bad : new int[][] {{2, 0}, {1, -2}, {0, 0}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> own.posterior(bad[0], bad[1]))
          .withMessageContaining("must be -1 <= s < t < 2");
    }
  }

  @Test
  void noiseLevelsGoThroughTheStepsAndOnBeyondTheEnds() {
    // alphaBar 0.5, 0.25, 0.125, 0.0625: ln alpha falls by ln(2) / 2 per step.
    NoiseSchedule halves = new NoiseSchedule("own", 4, t -> 0.5);
    for (double step : new double[] {-1, -0.5, 0, 0.25, 2, 2.5, 3, 4.5}) {
      assertThat(halves.noiseLevel(halves.networkTime(step)))
          .as("step %s", step)
          .isCloseTo(Math.sqrt(Math.pow(2, step + 1) - 1), within(1e-12));
    }
    assertThat(halves.noiseLevel(halves.networkTime(-2))).as("no less than none").isZero();
    NoiseSchedule linear = NoiseSchedule.linear(1000);
    assertThat(linear.noiseLevel(700))
        .isCloseTo(linear.sigma(700) / linear.alpha(700), within(1e-9));
  }

  @Test
  void aScheduleIsItsBetas() {
    NoiseSchedule schedule = new NoiseSchedule("own", 2, t -> 0.1 * (t + 1));
    assertThat(schedule.alphaBar(1)).isCloseTo(0.72, within(1e-15));
    NoiseSchedule other = new NoiseSchedule("other", 2, t -> t == 0 ? 0.1 : 0.2);
    assertThat(schedule).isEqualTo(other).hasSameHashCodeAs(other);
    assertThat(schedule).isNotEqualTo(new NoiseSchedule("own", 2, t -> 0.1)).isNotEqualTo("own");
    assertThat(schedule.hashCode()).isNotEqualTo(new NoiseSchedule("own", 2, t -> 0.1).hashCode());
  }

  private static NoiseSchedule named(String name, int steps) {
    return Parts.named(BetaSchedule.class, "noiseSchedule", name).over(steps);
  }
}
