package org.lcsc.diffusion.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.diffusion.sampler.FlowSampler.Method;
import org.lcsc.diffusion.schedule.FlowPath;
import org.lcsc.diffusion.schedule.KarrasSigmas;
import org.lcsc.diffusion.schedule.Prediction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The ODE of flow matching on data N(m, s^2), whose velocity and flow are known. */
class FlowSamplerTest {

  private static final double M = 0.3;
  private static final double S2 = 0.25;
  private static final double SCALE = 1000;

  /** {@code E[eps - x_0 | x_t = x]}, both being jointly Gaussian with x_t. */
  private static INDArray velocity(INDArray x, double t) {
    double keep = 1 - t;
    double slope = (t - keep * S2) / (keep * keep * S2 + t * t);
    return x.sub(keep * M).mul(slope).sub(M);
  }

  private static final Denoiser NETWORK = (x, time) -> velocity(x, time / SCALE);

  private static INDArray noise() {
    return Nd4j.createFromArray(1.0, -2.0, 0.4).reshape(1, 3, 1, 1);
  }

  private static double error(Method method, int steps, double shift) {
    INDArray x =
        new FlowSampler(method, steps, shift, SCALE).sample(NETWORK, noise(), StepNoise.NONE);
    // The flow keeps the place in the distribution: z at the start becomes m + s z.
    return x.sub(noise().mul(Math.sqrt(S2)).add(M)).norm2Number().doubleValue();
  }

  /** The leading error of the midpoint method cancels over this flow: third order here. */
  @ParameterizedTest
  @CsvSource({
    "EULER, 1, 1",
    "MIDPOINT, 1, 3",
    "HEUN, 1, 2",
    "EULER, 3, 1",
    "MIDPOINT, 3, 3",
    "HEUN, 0.5, 2"
  })
  void convergesToTheExactFlowWithItsOrder(Method method, double shift, int order) {
    double coarse = error(method, 100, shift);
    double fine = error(method, 200, shift);
    assertThat(Math.log(coarse / fine) / Math.log(2)).isCloseTo(order, within(0.1));
    assertThat(fine).isLessThan(order == 1 ? 0.02 : 2e-4);
  }

  @ParameterizedTest
  @CsvSource({"EULER, 5", "MIDPOINT, 10", "HEUN, 10"})
  void asksAtTheTimesOfTheMethod(Method method, int evaluations) {
    FlowSampler sampler = new FlowSampler(method, 5, 1, SCALE);
    List<Double> times = new ArrayList<>();
    sampler.sample(
        (x, time) -> {
          times.add(time);
          return x.mul(0.1);
        },
        noise(),
        StepNoise.NONE);
    assertThat(times).hasSize(evaluations).startsWith(1000.0);
    assertThat(sampler.evaluations()).isEqualTo(evaluations);
    double second = method == Method.MIDPOINT ? 900 : 800;
    assertThat(times.get(1)).isCloseTo(second, within(1e-9));
    double last = method == Method.EULER ? 200 : method == Method.MIDPOINT ? 100 : 0;
    assertThat(times.get(evaluations - 1)).isCloseTo(last, within(1e-9));
    assertThat(sampler.noiseLevels()[0]).isInfinite();
    assertThat(sampler.noiseLevels()[1]).isCloseTo(second / (1000 - second), within(1e-9));
  }

  @Test
  void shiftMovesTheTimesBetweenTheEnds() {
    double[] levels = new FlowSampler(Method.EULER, 4, 3, 1).noiseLevels();
    assertThat(levels).hasSize(4).startsWith(Double.POSITIVE_INFINITY);
    // Times 0.9, 0.75 and 0.5.
    assertThat(Arrays.copyOfRange(levels, 1, 4))
        .containsExactly(new double[] {9, 3, 1}, within(1e-12));
    assertThat(new FlowSampler(Method.EULER, 2, 1, 1)).hasToString("Flow(euler, 2 steps)");
    assertThat(new FlowSampler(Method.HEUN, 2, 3, 1)).hasToString("Flow(heun, 2 steps, shift 3.0)");
  }

  @Test
  void settingsFitFlowsAlone() {
    FlowSampler.Settings settings = new FlowSampler.Settings(Method.MIDPOINT, 2, 3, 64, null);
    assertThat(settings.fits(new SampledModel.Flow(SCALE))).isTrue();
    assertThat(settings.fits(new SampledModel.SigmaDenoiser())).isFalse();
    Sampler sampler = settings.of(new SampledModel.Flow(SCALE));
    assertThat(sampler).hasToString("Flow(midpoint, 2 steps, shift 3.0)");
    assertThat(sampler.noiseLevel(SCALE / 2)).isEqualTo(1);
  }

  /** From one velocity the outputs of all parameterisations, each of which is known by itself. */
  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.2, 0.5, 0.8, 0.99})
  void velocityDenoiserNoiseAndVSayTheSame(double t) {
    INDArray x = noise();
    INDArray x0 = Nd4j.create(x.dataType(), x.shape());
    FlowPath.toX0(t, x, velocity(x, t), x0);

    double sigma = FlowPath.sigma(t);
    assertThat(FlowPath.time(sigma)).isCloseTo(t, within(1e-15));
    // EDM: the mean of the data given x_0 + sigma eps.
    INDArray denoised = x.div(1 - t).sub(M).mul(S2 / (S2 + sigma * sigma)).add(M);
    assertThat(x0.equalsWithEps(denoised, 1e-12)).isTrue();

    // A variance-preserving network at the same signal-to-noise ratio.
    double length = Math.hypot(1 - t, t);
    double alpha = (1 - t) / length;
    double rate = t / length;
    assertThat(rate / alpha).isCloseTo(sigma, within(1e-12 * sigma));
    INDArray scaled = x.div(length);
    INDArray epsilon = x.sub(x0.mul(1 - t)).div(t);
    double variance = alpha * alpha * S2 + rate * rate;
    INDArray known = scaled.sub(alpha * M).mul(rate / variance);
    assertThat(epsilon.equalsWithEps(known, 1e-12)).as("noise").isTrue();
    assertThat(epsilon.sub(x0).equalsWithEps(velocity(x, t), 1e-12)).as("velocity").isTrue();
    INDArray v = known.mul(alpha).sub(denoised.mul(rate));
    INDArray back = Nd4j.create(x.dataType(), x.shape());
    Prediction.V.toX0(alpha, rate, scaled, v, back);
    assertThat(back.equalsWithEps(x0, 1e-12)).as("x_0 from v").isTrue();
    Prediction.EPSILON.toX0(alpha, rate, scaled, epsilon, back);
    assertThat(back.equalsWithEps(x0, 1e-9)).as("x_0 from noise").isTrue();
  }

  /** EDM's own sampler through the velocity is EDM's sampler through its denoiser. */
  @Test
  void edmsSamplerTakesAVelocityForADenoiser() {
    Sampler flow = new HeunSampler.Settings(12).of(new SampledModel.Flow(SCALE));
    Sampler edm = new HeunSampler.Settings(12).of(new SampledModel.SigmaDenoiser());
    Denoiser denoiser = (x, sigma) -> x.sub(M).mul(S2 / (S2 + sigma * sigma)).add(M);
    INDArray expected = edm.sample(denoiser, noise(), StepNoise.NONE);
    INDArray actual = flow.sample(NETWORK, noise(), StepNoise.NONE);
    assertThat(actual.sub(expected).norm2Number().doubleValue()).isLessThan(1e-10);
    assertThat(flow.noiseLevels()).containsExactly(edm.noiseLevels(), within(1e-9));
    assertThat(KarrasSigmas.edm(12)[0]).isEqualTo(edm.noiseLevels()[0]);
    assertThat(flow.toString()).endsWith("of a flow");
  }

  @Test
  void refusesWhatIsNoIntegration() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FlowSampler(Method.EULER, 0, 1, 1))
        .withMessage("steps: expected at least 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FlowSampler(Method.EULER, 1, 0, 1))
        .withMessage("shift: expected above 0, got 0.0");
  }
}
