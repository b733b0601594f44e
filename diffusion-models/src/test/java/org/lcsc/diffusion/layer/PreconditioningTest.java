package org.lcsc.diffusion.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    assertThat(edm.edmWeight(sigma)).isCloseTo(4.25, within(1e-12));
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
