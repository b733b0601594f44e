package org.lcsc.diffusion.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.lcsc.diffusion.sampler.DpmSolver.Algorithm;
import org.lcsc.diffusion.sampler.DpmSolver.Method;
import org.lcsc.diffusion.sampler.DpmSolver.Options;
import org.lcsc.diffusion.sampler.DpmSolver.SolverType;
import org.lcsc.diffusion.sampler.DpmSolver.Spacing;
import org.lcsc.diffusion.schedule.ContinuousLinearLogSnr;
import org.lcsc.diffusion.schedule.LogSnrSchedule;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.nd4j.linalg.api.ndarray.INDArray;

class DpmSolverTest {

  private static final NoiseSchedule CHAIN = NoiseSchedule.linear(1000);
  private static final LogSnrSchedule DISCRETE = LogSnrSchedule.discrete(CHAIN);
  private static final LogSnrSchedule CONTINUOUS = new ContinuousLinearLogSnr(0.1, 20);

  private static Options options(Algorithm algorithm, Method method, int order, int steps) {
    return new Options(
        algorithm, method, order, steps, Spacing.LOG_SNR, SolverType.DPMSOLVER, false, false);
  }

  private static double discreteFactor(Options options, Prediction prediction) {
    return GaussianData.factor(
        new DpmSolver(CHAIN, prediction, options),
        GaussianData.network(DISCRETE, prediction, time -> (time + 1) / 1000));
  }

  @Test
  void exactFlowOfGaussianData() {
    assertThat(GaussianData.exactFactor(DISCRETE)).isCloseTo(.5000825629, within(1e-10));
  }

  @ParameterizedTest
  @CsvSource({
    "DPM_SOLVER_PLUS_PLUS, 1, 15, .4257157650",
    "DPM_SOLVER, 1, 15, .4257157650",
    "DPM_SOLVER_PLUS_PLUS, 2, 15, .5107736074",
    "DPM_SOLVER_PLUS_PLUS, 3, 15, .5081698862",
    "DPM_SOLVER, 2, 15, .4881124898",
    "DPM_SOLVER, 3, 15, .4943629226",
    "DPM_SOLVER_PLUS_PLUS, 3, 12, .5160757963",
    "DPM_SOLVER_PLUS_PLUS, 3, 9, .5487147948"
  })
  void multistepFactorsOnGaussianData(Algorithm algorithm, int order, int steps, double expected) {
    Options options = options(algorithm, Method.MULTISTEP, order, steps);
    for (Prediction prediction : Prediction.values()) {
      assertThat(discreteFactor(options, prediction))
          .as("predicting %s", prediction)
          .isCloseTo(expected, within(1e-9));
    }
  }

  @Test
  void fifteenStepsInLogSnrAskTheNetworkAtThePublishedTimes() {
    double[] expected = {
      999, 933.07289, 862.11581, 784.81651, 699.27068, 602.76512, 492.11435, 367.05852, 240.25239,
      138.04024, 72.79611, 36.23441, 16.80337, 6.82135, 2.01836
    };
    Sampler solver = new DpmSolver(CHAIN, Prediction.EPSILON, Options.plusPlus(3, 15));
    assertThat(timesOf(solver)).containsExactly(expected, within(5e-6));
  }

  private static double[] timesOf(Sampler sampler) {
    List<Double> times = new ArrayList<>();
    sampler.sample(
        (x, time) -> {
          times.add(time);
          return x.mul(0.1);
        },
        DiffusersFixture.sample(),
        StepNoise.NONE);
    return times.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Third-order multistep is left out here and below: its start-up limits it to about 2. */
  @ParameterizedTest
  @CsvSource({
    "DPM_SOLVER, SINGLESTEP_FIXED, 1, .99",
    "DPM_SOLVER, SINGLESTEP_FIXED, 2, 2.01",
    "DPM_SOLVER, SINGLESTEP_FIXED, 3, 3.07",
    "DPM_SOLVER, MULTISTEP, 2, 2.0",
    "DPM_SOLVER_PLUS_PLUS, MULTISTEP, 1, .99",
    "DPM_SOLVER_PLUS_PLUS, MULTISTEP, 2, 2.0"
  })
  void convergesWithThePublishedRates(
      Algorithm algorithm, Method method, int order, double expected) {
    assertThat(rate(algorithm, method, Spacing.LOG_SNR, SolverType.DPMSOLVER, order))
        .isCloseTo(expected, within(.006));
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void everyVariantConvergesWithItsOrder(Algorithm algorithm) {
    for (Spacing spacing : List.of(Spacing.LOG_SNR, Spacing.TIME_QUADRATIC)) {
      for (SolverType type : SolverType.values()) {
        for (int order = 1; order <= 3; order++) {
          assertThat(rate(algorithm, Method.SINGLESTEP_FIXED, spacing, type, order))
              .as("singlestep, %s, %s", spacing, type)
              .isCloseTo(order, within(.12));
          if (order < 3) {
            assertThat(rate(algorithm, Method.MULTISTEP, spacing, type, order))
                .as("multistep, %s, %s", spacing, type)
                .isCloseTo(order, within(.12));
          }
        }
      }
    }
  }

  /** Order of the error, from 80 to 160 steps in continuous time. */
  private static double rate(
      Algorithm algorithm, Method method, Spacing spacing, SolverType type, int order) {
    double coarse = error(algorithm, method, spacing, type, order, 80);
    double fine = error(algorithm, method, spacing, type, order, 160);
    return Math.log(coarse / fine) / Math.log(2);
  }

  private static double error(
      Algorithm algorithm,
      Method method,
      Spacing spacing,
      SolverType type,
      int order,
      int outerSteps) {
    int steps = method == Method.MULTISTEP ? outerSteps : outerSteps * order;
    Options options = new Options(algorithm, method, order, steps, spacing, type, false, false);
    double factor =
        GaussianData.factor(
            new DpmSolver(CONTINUOUS, Prediction.EPSILON, options),
            GaussianData.network(CONTINUOUS, Prediction.EPSILON, time -> time));
    return Math.abs(factor - GaussianData.exactFactor(CONTINUOUS));
  }

  /** diffusers, tests/schedulers/test_scheduler_dpm_multi.py: full loop, mean |x| 0.3301. */
  @Test
  void matchesDiffusersMultistepSolver() {
    double[] times =
        IntStream.rangeClosed(0, 10)
            .mapToDouble(i -> (Math.rint(999 * (10 - i) / 10.0) + 1) / 1000)
            .toArray();
    Sampler solver = new DpmSolver(DISCRETE, Prediction.EPSILON, Options.plusPlus(2, 10), times);
    INDArray x = solver.sample(DiffusersFixture.MODEL, DiffusersFixture.sample(), StepNoise.NONE);
    assertThat(x.norm1Number().doubleValue() / 768).isCloseTo(.3301469779, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({
    "3, 15, 3 3 3 3 2 1",
    "3, 16, 3 3 3 3 3 1",
    "3, 17, 3 3 3 3 3 2",
    "3, 3, 2 1",
    "3, 2, 2",
    "3, 1, 1",
    "2, 6, 2 2 2",
    "2, 9, 2 2 2 2 1",
    "1, 4, 1 1 1 1"
  })
  void singlestepOrdersSumToTheSteps(int order, int steps, String expected) {
    Options options = options(Algorithm.DPM_SOLVER, Method.SINGLESTEP, order, steps);
    int[] orders = DpmTimes.orders(options);
    assertThat(orders)
        .containsExactly(Arrays.stream(expected.split(" ")).mapToInt(Integer::parseInt).toArray());
    assertThat(Arrays.stream(orders).sum()).isEqualTo(steps);
  }

  @ParameterizedTest
  @EnumSource(Spacing.class)
  void evaluatesTheNetworkExactlyStepsTimes(Spacing spacing) {
    for (Method method : Method.values()) {
      for (int order = 1; order <= 3; order++) {
        for (int steps = order; steps <= 12; steps++) {
          if (method == Method.SINGLESTEP_FIXED && steps % order != 0) {
            continue;
          }
          boolean denoise = steps % 2 == 0;
          Options options =
              new Options(
                  Algorithm.DPM_SOLVER_PLUS_PLUS,
                  method,
                  order,
                  steps,
                  spacing,
                  SolverType.DPMSOLVER,
                  method == Method.MULTISTEP,
                  denoise);
          Sampler solver = new DpmSolver(CHAIN, Prediction.EPSILON, options);
          double[] times = timesOf(solver);
          assertThat(times).as("%s", options).hasSize(steps + (denoise ? 1 : 0));
          assertThat(solver.evaluations()).as("%s", options).isEqualTo(times.length);
          assertThat(times[0]).as("%s", options).isCloseTo(999, within(1e-6));
          for (int i = 1; i < times.length; i++) {
            assertThat(times[i]).as("%s, evaluation %d", options, i).isLessThan(times[i - 1]);
          }
        }
      }
    }
  }

  @Test
  void spacesTimesEvenlyOrQuadratically() {
    Options uniform =
        new Options(
            Algorithm.DPM_SOLVER,
            Method.MULTISTEP,
            1,
            3,
            Spacing.TIME_UNIFORM,
            SolverType.DPMSOLVER,
            false,
            false);
    assertThat(timesOf(new DpmSolver(CHAIN, Prediction.EPSILON, uniform)))
        .containsExactly(new double[] {999, 666, 333}, within(1e-9));
    double[] quadratic = DpmTimes.spaced(DISCRETE, Spacing.TIME_QUADRATIC, 1, 0.04, 2);
    assertThat(quadratic).containsExactly(new double[] {1, 0.36, 0.04}, within(1e-12));
  }

  @Test
  void lowerOrderFinalActsOnShortRunsOnly() {
    assertThat(DpmTimes.orders(finalOptions(3, 9))).containsExactly(1, 2, 3, 3, 3, 3, 3, 2, 1);
    assertThat(DpmTimes.orders(finalOptions(3, 10))).containsExactly(1, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    assertThat(DpmTimes.orders(finalOptions(3, 3))).containsExactly(1, 2, 1);
  }

  private static Options finalOptions(int order, int steps) {
    return new Options(
        Algorithm.DPM_SOLVER_PLUS_PLUS,
        Method.MULTISTEP,
        order,
        steps,
        Spacing.LOG_SNR,
        SolverType.DPMSOLVER,
        true,
        false);
  }

  @Test
  void denoisingToZeroEndsInThePredictedImage() {
    Options plain = Options.plusPlus(3, 15);
    Options denoised =
        new Options(
            Algorithm.DPM_SOLVER_PLUS_PLUS,
            Method.MULTISTEP,
            3,
            15,
            Spacing.LOG_SNR,
            SolverType.DPMSOLVER,
            false,
            true);
    double end = DISCRETE.endTime();
    double alpha = DISCRETE.alpha(end);
    double shrink = alpha * .25 / GaussianData.variance(DISCRETE, end);
    for (Prediction prediction : Prediction.values()) {
      assertThat(discreteFactor(denoised, prediction))
          .isCloseTo(shrink * discreteFactor(plain, prediction), within(1e-12));
    }
  }

  @Test
  void refusesImpossibleOptions() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Options.plusPlus(4, 15))
        .withMessage("order: out of range (4), allowed: 1 to 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Options.plusPlus(3, 2))
        .withMessage("steps: too few for method: multistep of order 3 (2), allowed: 3 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options(Algorithm.DPM_SOLVER, Method.SINGLESTEP_FIXED, 3, 7))
        .withMessage(
            "steps: not a multiple of the order, which method: singlestep-fixed needs (7, order 3),"
                + " allowed: 6 or 9");
  }

  @Test
  void namesItsConfiguration() {
    assertThat(new DpmSolver(CHAIN, Prediction.EPSILON, Options.plusPlus(3, 15)))
        .hasToString("DPM-Solver++(linear(1000), epsilon, multistep, order 3, 15 steps, log-snr)");
  }
}
