package org.lcsc.diffusion.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.schedule.KarrasSigmas;

class PreconditioningTest {

  private static final Preconditioning PAPER =
      Preconditioning.consistency(0.5, NetworkTime.QUARTER_LOG);

  @ParameterizedTest
  @CsvSource({"0.5, 0.502004, 0.352139177", "1, 0.2006414105, 0.4463191683", "0.002, 1, 0"})
  void sharesOfImageAndNetworkAreThePublished(double sigma, double skip, double out) {
    assertThat(PAPER.skip(sigma)).isCloseTo(skip, within(5e-8));
    assertThat(PAPER.out(sigma)).isCloseTo(out, within(5e-10));
  }

  @Test
  void theFunctionIsExactlyTheIdentityAtTheLastLevelOfEveryDiscretisation() {
    for (int levels : new int[] {2, 18, 40, 151, 1281}) {
      double last = KarrasSigmas.edm(levels)[levels - 1];
      assertThat(PAPER.skip(last)).isEqualTo(1);
      assertThat(PAPER.out(last)).isZero();
    }
  }

  @Test
  void theNetworksInputHasUnitVariance() {
    Preconditioning own = Preconditioning.consistency(0.3, 0.01, NetworkTime.QUARTER_LOG);
    for (double sigma : new double[] {0.01, 0.3, 7, 80}) {
      assertThat(own.in(sigma) * own.in(sigma) * (0.3 * 0.3 + sigma * sigma))
          .isCloseTo(1, within(1e-12));
    }
    assertThat(PAPER.in(0.5)).isCloseTo(Math.sqrt(2), within(1e-12));
  }

  @Test
  void theNetworkIsToldTheLogarithmOfTheNoise() {
    assertThat(PAPER.noise(80)).isCloseTo(1.0955066587, within(1e-9));
    assertThat(PAPER.noise(0.002)).isCloseTo(-1.5536520246, within(1e-9));
    Preconditioning sinusoidal = Preconditioning.consistency(0.5, NetworkTime.THOUSANDFOLD);
    assertThat(sinusoidal.noise(80)).isCloseTo(1095.5066587, within(1e-6));
  }

  @Test
  void withoutEpsilonItIsTheDenoiserOfEdm() {
    Preconditioning edm = Preconditioning.edm(0.5, NetworkTime.QUARTER_LOG);
    double sigma = 2;
    assertThat(edm.skip(sigma)).isCloseTo(0.25 / 4.25, within(1e-15));
    assertThat(edm.out(sigma)).isCloseTo(1 / Math.sqrt(4.25), within(1e-15));
    assertThat(edm.weight(sigma)).isCloseTo(4.25, within(1e-12));
  }

  /** Data N(m, s^2): the exact velocity of the flow becomes the exact denoiser. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-3, 0.2, 1, 7, 80, 1e4})
  void theExactVelocityOfGaussianDataBecomesTheirExactDenoiser(double sigma) {
    Preconditioning flow = new Preconditioning.Flow(1000);
    double m = 0.3;
    double variance = 0.25;
    double x = -1.7 * Math.hypot(sigma, 0.5);
    double t = flow.noise(sigma) / 1000;
    double keep = 1 - t;
    double seen = flow.in(sigma) * x;
    assertThat(seen).isCloseTo(keep * x, within(1e-12));
    double slope = (t - keep * variance) / (keep * keep * variance + t * t);
    double velocity = slope * (seen - keep * m) - m;
    assertThat(flow.skip(sigma) * x + flow.out(sigma) * velocity)
        .isCloseTo(m + (x - m) * variance / (variance + sigma * sigma), within(1e-10));
  }

  @Test
  void aFlowIsTheIdentityWithoutNoiseAndItsWeightIsThatOfItsVelocity() {
    Preconditioning flow = new Preconditioning.Flow(1000);
    assertThat(flow.skip(0)).isEqualTo(1);
    assertThat(flow.out(0)).isZero();
    assertThat(flow.noise(3)).isEqualTo(750);
    assertThat(flow.weight(3) * flow.out(3) * flow.out(3)).isCloseTo(1, within(1e-15));
    assertThat(flow.weight(3)).isCloseTo(16.0 / 9, within(1e-15));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> flow.in(-1))
        .withMessage("sigma: expected at least 0, got -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Preconditioning.Flow(0))
        .withMessage("timeScale: expected above 0, got 0.0");
  }

  @Test
  void theFloatBelowEpsilonIsStillTheIdentity() {
    double below = Math.nextDown((float) 0.002);
    assertThat(PAPER.skip(below)).isEqualTo(1);
    assertThat(PAPER.out(below)).isZero();
  }

  @Test
  void refusesValuesOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Preconditioning.edm(0, NetworkTime.QUARTER_LOG))
        .withMessage("sigmaData: expected above 0, got 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Preconditioning.consistency(0.5, -1, NetworkTime.QUARTER_LOG))
        .withMessage("epsilon: expected above 0, got -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PAPER.skip(0.001))
        .withMessage("sigma: expected at least epsilon = 0.002, got 0.001");
    assertThatIllegalArgumentException().isThrownBy(() -> PAPER.noise(Double.NaN));
  }
}
