package org.lcsc.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KarrasSigmasTest {

  private static final double[] EDM_18 = {
    80,
    57.585985,
    40.785574,
    28.374585,
    19.352453,
    12.910082,
    8.4009353,
    5.3151945,
    3.2568215,
    1.9233398,
    1.0881706,
    .58534812,
    .29644228,
    .13951647,
    .059947311,
    .022934518,
    .00752802,
    .002
  };

  @Test
  void eighteenLevelsOfEdm() {
    double[] sigmas = KarrasSigmas.edm(18);
    assertThat(sigmas).hasSize(18);
    for (int i = 0; i < 18; i++) {
      assertThat(sigmas[i]).as("sigma " + i).isCloseTo(EDM_18[i], withPercentage(1e-5));
    }
  }

  @Test
  void endsAreExact() {
    for (int n = 2; n < 200; n++) {
      double[] sigmas = KarrasSigmas.edm(n);
      assertThat(sigmas[0]).isEqualTo(80);
      assertThat(sigmas[n - 1]).isEqualTo(0.002);
    }
  }

  @Test
  void curvatureOneIsUniform() {
    assertThat(KarrasSigmas.of(5, 1, 9, 1))
        .containsExactly(new double[] {9, 7, 5, 3, 1}, within(1e-12));
    // Square roots evenly spaced.
    assertThat(KarrasSigmas.of(3, 1, 9, 2)).containsExactly(new double[] {9, 4, 1}, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 7", "1, 1, 7", "1, Infinity, 7", "1, 2, Infinity", "1, 2, NaN"})
  void endsAndCurvatureAreFiniteAndPositive(double min, double max, double rho) {
    assertThatIllegalArgumentException().isThrownBy(() -> KarrasSigmas.of(5, min, max, rho));
  }

  @Test
  void refusesWhatMakesNoLevels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KarrasSigmas.edm(1))
        .withMessageContaining("at least 2, but is 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KarrasSigmas.of(5, 2, 1, 7))
        .withMessageContaining("min is 2.0 and max is 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KarrasSigmas.of(5, 1, 2, 0))
        .withMessageContaining("rho must be positive, but is 0.0");
  }
}
