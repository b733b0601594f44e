package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PairedDifferencesTest {

  @Test
  void meanAndStandardErrorAreThoseOfTheDifferences() {
    PairedDifferences differences = PairedDifferences.of(1, 2, 3, 6);
    assertThat(differences.count()).isEqualTo(4);
    assertThat(differences.mean()).isEqualTo(3);
    // Squared deviations 4 + 1 + 0 + 9, over 3 degrees of freedom and 4 differences.
    assertThat(differences.standardError()).isCloseTo(Math.sqrt(14 / 12.0), within(1e-15));
    assertThat(PairedDifferences.of(5, 5).standardError()).isZero();
    // What all have in common adds nothing, nor does its rounding: 34 / (4 * 5).
    double far = 1e12;
    PairedDifferences common = PairedDifferences.of(far + 1, far + 2, far + 3, far + 6, far + 8);
    assertThat(common.standardError()).isCloseTo(Math.sqrt(1.7), within(1e-6));
  }

  @Test
  void quantilesAreStudentsOfOneDegreeLess() {
    // Tables of Student's t: 3 degrees 3.182, 1 degree 12.706; the median is 0.
    assertThat(PairedDifferences.of(1, 2, 3, 6).quantile(0.975)).isCloseTo(3.18245, within(1e-5));
    assertThat(PairedDifferences.of(1, 2).quantile(0.975)).isCloseTo(12.7062, within(1e-4));
    assertThat(PairedDifferences.of(1, 2).quantile(0.5)).isCloseTo(0, within(1e-9));
  }

  @Test
  void aSingleDifferenceHasNoError() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PairedDifferences.of(1))
        .withMessage("a paired test needs at least 2 differences, got 1");
  }
}
