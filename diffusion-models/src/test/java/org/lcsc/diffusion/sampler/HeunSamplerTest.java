package org.lcsc.diffusion.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lcsc.config.YamlNames;
import org.lcsc.diffusion.sampler.HeunSampler.Churn;
import org.lcsc.diffusion.schedule.BetaSchedules;
import org.lcsc.diffusion.schedule.KarrasSigmas;
import org.lcsc.diffusion.schedule.LogSnrSchedule;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class HeunSamplerTest {

  private static final double S2 = .25;

  /** The perfect denoiser of N(0, s^2). */
  private static final Denoiser GAUSSIAN = (x, sigma) -> x.mul(S2 / (S2 + sigma * sigma));

  @Test
  void eighteenStepsOnGaussianData() {
    HeunSampler sampler = new HeunSampler(KarrasSigmas.edm(18), Churn.NONE);
    // the sampler scales unit noise to sigma = 80
    assertThat(GaussianData.factor(sampler, GAUSSIAN) / 80).isCloseTo(.00659530796, within(1e-11));
    assertThat(sampler.evaluations()).isEqualTo(35);
    assertThat(sampler).hasToString("Heun(18 steps, sigma 80.00 to 0.002000)");
  }

  @Test
  void convergesToTheExactFlow() {
    double exact = Math.sqrt(S2 / (S2 + 80 * 80));
    assertThat(exact).isCloseTo(.00624987793, within(1e-11));
    double factor =
        GaussianData.factor(new HeunSampler(KarrasSigmas.edm(400), Churn.NONE), GAUSSIAN) / 80;
    assertThat(factor).isCloseTo(exact, within(1e-6));
  }

  @Test
  void evaluatesTwicePerStepButOnceInTheLast() {
    List<Double> sigmas = new ArrayList<>();
    HeunSampler sampler = new HeunSampler(new double[] {4, 2, 1}, Churn.NONE);
    sampler.sample(
        (x, sigma) -> {
          sigmas.add(sigma);
          return x.mul(.5);
        },
        DiffusersFixture.sample(),
        StepNoise.NONE);
    assertThat(sigmas).containsExactly(4.0, 2.0, 2.0, 1.0, 1.0);
    assertThat(sampler.evaluations()).isEqualTo(5);
  }

  /** Churn of the strength EDM uses for ImageNet-64; the variance must stay that of the data. */
  @Test
  void churnKeepsTheDistribution() {
    int n = 20_000;
    Random random = new Random(5);
    StepNoise noise =
        step -> {
          double[] values = new double[n];
          Arrays.setAll(values, i -> random.nextGaussian());
          return Nd4j.createFromArray(values).reshape(n, 1, 1, 1);
        };
    List<Double> sigmas = new ArrayList<>();
    Denoiser model =
        (x, sigma) -> {
          sigmas.add(sigma);
          return GAUSSIAN.predict(x, sigma);
        };
    HeunSampler sampler = new HeunSampler(KarrasSigmas.edm(64), new Churn(10, .05, 50, 1));
    INDArray x = sampler.sample(model, noise.gaussian(0), noise);
    double variance = x.mul(x).meanNumber().doubleValue();
    assertThat(variance / S2).as("relative standard error 1 %%").isCloseTo(1, within(.04));
    assertThat(sigmas.get(0)).as("above S_max").isEqualTo(80);
    double first = KarrasSigmas.edm(64)[6];
    assertThat(first).isLessThan(50);
    assertThat(sigmas.get(12)).isEqualTo(first * (1 + 10.0 / 64));
    assertThat(sampler.toString()).contains("Churn[amount=10.0, min=0.05, max=50.0");
  }

  @Test
  void churnIsBounded() {
    List<Double> sigmas = new ArrayList<>();
    new HeunSampler(new double[] {2, 1}, new Churn(100, 0, 10, 1))
        .sample(
            (x, sigma) -> {
              sigmas.add(sigma);
              return x.mul(.5);
            },
            DiffusersFixture.sample(),
            step -> DiffusersFixture.noise());
    assertThat(sigmas.get(0)).isCloseTo(2 * Math.sqrt(2), within(1e-14));
  }

  @Test
  void churnActsAtBothEndsOfItsRange() {
    List<Double> sigmas = new ArrayList<>();
    new HeunSampler(new double[] {4, 2, 1}, new Churn(0.75, 1, 4, 1))
        .sample(
            (x, sigma) -> {
              sigmas.add(sigma);
              return x.mul(.5);
            },
            DiffusersFixture.sample(),
            step -> DiffusersFixture.noise());
    assertThat(sigmas).containsExactly(5.0, 2.0, 2.5, 1.0, 1.25);
  }

  @Test
  void settingsFitEveryModel() {
    HeunSampler.Settings settings = new HeunSampler.Settings(3);
    NoiseSchedule chain = NoiseSchedule.linear(1000);
    for (SampledModel model :
        List.of(
            new SampledModel.Chain(chain, Prediction.V),
            new SampledModel.SigmaDenoiser(),
            new SampledModel.Flow(1))) {
      assertThat(settings.fits(model)).isTrue();
      assertThat(settings.of(model).evaluations()).isEqualTo(5);
    }
    Sampler ofChain = settings.of(new SampledModel.Chain(chain, Prediction.V));
    assertThat(ofChain.noiseLevel(500)).isEqualTo(chain.noiseLevel(500)).isPositive();
  }

  @ParameterizedTest
  @EnumSource(Prediction.class)
  void samplesVariancePreservingNetworks(Prediction prediction) {
    NoiseSchedule chain = NoiseSchedule.linear(1000);
    LogSnrSchedule schedule = LogSnrSchedule.discrete(chain);
    Denoiser network = GaussianData.network(schedule, prediction, time -> (time + 1) / 1000);
    Sampler sampler = ConvertedHeunSampler.ofChain(chain, prediction, 50, Churn.NONE);
    double cleanest = Math.sqrt(1 / chain.alphaBar(0) - 1);
    HeunSampler same = new HeunSampler(KarrasSigmas.of(50, cleanest, 80, 7), Churn.NONE);
    assertThat(GaussianData.factor(sampler, network))
        .isCloseTo(GaussianData.factor(same, GAUSSIAN), within(1e-10));
    assertThat(sampler.evaluations()).isEqualTo(99);
    assertThat(sampler.toString()).endsWith("of linear(1000), " + YamlNames.of(prediction));
  }

  @Test
  void asksVariancePreservingNetworksWithinTheChain() {
    List<Double> times = new ArrayList<>();
    ConvertedHeunSampler.ofChain(
            new BetaSchedules.Cosine().over(1000), Prediction.V, 10, new Churn(40, 0, 1e9, 1))
        .sample(
            (x, time) -> {
              times.add(time);
              return x.mul(.1);
            },
            DiffusersFixture.sample(),
            step -> DiffusersFixture.noise());
    assertThat(times).allMatch(time -> time >= -1e-9 && time <= 999);
    assertThat(times.get(times.size() - 1)).isLessThan(20);
  }

  @Test
  void refusesWhatIsNoScheduleOfSigmas() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HeunSampler(new double[] {1, 2}, Churn.NONE))
        .withMessageContaining("[1.0, 2.0]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HeunSampler(new double[] {1, 0}, Churn.NONE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HeunSampler(new double[0], Churn.NONE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Churn(-1, 0, 1, 1))
        .withMessageContaining("amount is -1.0");
  }
}
