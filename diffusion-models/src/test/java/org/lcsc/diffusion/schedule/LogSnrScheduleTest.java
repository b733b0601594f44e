package org.lcsc.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lcsc.config.Parts;

class LogSnrScheduleTest {

  static Stream<LogSnrSchedule> schedules() {
    return Stream.of(
        LogSnrSchedule.discrete(NoiseSchedule.linear(1000)),
        LogSnrSchedule.discrete(new BetaSchedules.Cosine().over(4000)),
        LogSnrSchedule.discrete(new BetaSchedules.Jsd().over(100)),
        new ContinuousLinearLogSnr(0.1, 20));
  }

  @Test
  void linearScheduleHasThePublishedLambdas() {
    LogSnrSchedule schedule = LogSnrSchedule.discrete(NoiseSchedule.linear(1000));
    assertThat(schedule.lambda(1)).isCloseTo(-5.0588365917, within(1e-10));
    assertThat(schedule.lambda(1e-3)).isCloseTo(4.6051201835, within(1e-10));
    assertThat(schedule.startTime()).isEqualTo(1);
    assertThat(schedule.endTime()).isEqualTo(1e-3);
  }

  @ParameterizedTest
  @CsvSource({"linear, 1000, 0", "cosine, 4000, 16", "cosine, 1000, 4"})
  void stepsOfTinySnrAreDropped(String name, int steps, int dropped) {
    LogSnrSchedule schedule =
        LogSnrSchedule.discrete(Parts.named(BetaSchedule.class, "", name).over(steps));
    assertThat(1 / schedule.endTime()).isCloseTo(steps - dropped, within(1e-9));
    assertThat(schedule.lambda(1)).isGreaterThanOrEqualTo(-5.1);
  }

  @Test
  void networkTimeIsTheStepTheNetworkWasTrainedAt() {
    LogSnrSchedule linear = LogSnrSchedule.discrete(NoiseSchedule.linear(1000));
    assertThat(linear.networkTime(1)).isCloseTo(999, within(1e-9));
    assertThat(linear.networkTime(0.5)).isCloseTo(499, within(1e-9));
    assertThat(linear.networkTime(1e-3)).isCloseTo(0, within(1e-9));
    LogSnrSchedule cosine = LogSnrSchedule.discrete(new BetaSchedules.Cosine().over(4000));
    assertThat(cosine.networkTime(1)).as("not 999.749").isCloseTo(995.75, within(1e-9));
  }

  @Test
  void discreteRatesGoThroughTheChain() {
    NoiseSchedule chain = NoiseSchedule.linear(1000);
    LogSnrSchedule schedule = LogSnrSchedule.discrete(chain);
    for (int i = 0; i < 1000; i++) {
      assertThat(schedule.alpha((i + 1) / 1000.0)).isCloseTo(chain.alpha(i), within(1e-13));
      assertThat(schedule.sigma((i + 1) / 1000.0)).isCloseTo(chain.sigma(i), within(1e-11));
    }
    double between = (chain.logAlpha(9) + chain.logAlpha(10)) / 2;
    assertThat(schedule.marginalLogAlpha(0.0105)).isCloseTo(between, within(1e-15));
    double beyond = 2 * chain.logAlpha(0) - chain.logAlpha(1);
    assertThat(schedule.marginalLogAlpha(0)).isCloseTo(beyond, within(1e-15));
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void inverseLambdaInvertsLambda(LogSnrSchedule schedule) {
    double range = schedule.startTime() - schedule.endTime();
    for (int i = 0; i <= 97; i++) {
      double t = schedule.endTime() + range * i / 97;
      double lambda = schedule.lambda(t);
      assertThat(schedule.inverseLambda(lambda)).isCloseTo(t, within(1e-9));
      assertThat(lambda).isCloseTo(Math.log(schedule.alpha(t) / schedule.sigma(t)), within(1e-9));
    }
  }

  @Test
  void ratesOfALambdaOverflowNowhere() {
    for (double lambda : new double[] {-3, -0.1, 0, 0.1, 3}) {
      assertThat(LogSnrSchedule.logAlphaOfLambda(lambda))
          .isCloseTo(-0.5 * Math.log(1 + Math.exp(-2 * lambda)), within(1e-15));
    }
    assertThat(LogSnrSchedule.logAlphaOfLambda(-800)).isEqualTo(-800);
    assertThat(LogSnrSchedule.logAlphaOfLambda(800)).isZero();
    assertThat(LogSnrSchedule.lambdaOfLogAlpha(Math.log(0.6)))
        .isCloseTo(Math.log(0.75), within(1e-15));
  }

  @Test
  void theDiscreteViewHasTheChainsNameAndNoiseLevels() {
    NoiseSchedule chain = NoiseSchedule.linear(1000);
    LogSnrSchedule schedule = LogSnrSchedule.discrete(chain);
    assertThat(schedule).hasToString("linear(1000)");
    assertThat(schedule.noiseLevel(321.5)).isEqualTo(chain.noiseLevel(321.5)).isPositive();
  }

  @Test
  void continuousLinearScheduleIntegratesBeta() {
    LogSnrSchedule schedule = new ContinuousLinearLogSnr(0.1, 20);
    assertThat(schedule.marginalLogAlpha(1)).isCloseTo(-(0.1 + 20) / 4, within(1e-12));
    assertThat(schedule.networkTime(0.25)).isEqualTo(0.25);
  }

  @Test
  void refusesAChainWithoutSignal() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LogSnrSchedule.discrete(
                    new NoiseSchedule("own", 3, t -> t == 0 ? 0.9999999 : 0.999)))
        .withMessageContaining("0 steps with lambda >= -5.1");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> LogSnrSchedule.discrete(new NoiseSchedule("own", 2, t -> t == 0 ? 0.5 : 0.99999)))
        .withMessageContaining("1 steps with lambda >= -5.1");
    assertThat(LogSnrSchedule.discrete(new NoiseSchedule("own", 2, t -> 0.5)).endTime())
        .isEqualTo(0.5);
  }
}
