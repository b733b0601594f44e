package org.lcsc.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class CoefficientsTest {

  @Test
  void sumsAreOfAllOrOfARange() {
    double[] coefficients = {1, 2, 4, 8};
    assertThat(Coefficients.sum(coefficients)).isEqualTo(15);
    assertThat(Coefficients.sum(coefficients, 1, 3)).isEqualTo(6);
    assertThat(Coefficients.sum(coefficients, 2, 2)).isZero();
  }

  @Test
  void everyGroupIsDividedByItsOwnSum() {
    assertThat(Coefficients.normalised(new double[] {1, 3, -1, 5}))
        .containsExactly(0.125, 0.375, -0.125, 0.625);
    assertThat(Coefficients.normalised(new double[] {1, 3, 1, -3}, 0.1, 2))
        .containsExactly(0.25, 0.75, -0.5, 1.5);
  }

  @Test
  void aSumOfTheLeastSizeIsStillDividedBy() {
    assertThat(Coefficients.normalised(new double[] {0.5, -1}, 0.5)).containsExactly(-1, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Coefficients.normalised(new double[] {0.5, -0.75}, 0.5))
        .withMessage(
            "coefficients cannot be normalised: their sum is -0.25, it must be at least 0.5 in"
                + " absolute value");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Coefficients.normalised(new double[] {1, Double.NaN}))
        .withMessage("coefficients must be finite, got [1.0, NaN]");
  }

  @Test
  void repetitionGivesEveryGroupTheSame() {
    assertThat(Coefficients.repeated(new double[] {1, 2}, 3)).containsExactly(1, 2, 1, 2, 1, 2);
  }

  @Test
  void fingerprintsAreFnv1aOfTheBytes() {
    // Computed byte by byte in Python.
    assertThat(Coefficients.fingerprint(new double[] {1, -0.5})).isEqualTo(0x2c18cbea19d5b735L);
    assertThat(Coefficients.fingerprint(new double[0])).isEqualTo(0xcbf29ce484222325L);
    assertThat(Coefficients.fingerprint(new double[][] {{1}, {-0.5, 2}}))
        .isEqualTo(0x1d00671da4cce830L);
  }

  @Test
  void copiesShareNothing() {
    double[][] rows = {{1, 2}, {3}};
    double[][] copy = Coefficients.copyOf(rows);
    rows[0][0] = 9;
    assertThat(copy).isDeepEqualTo(new double[][] {{1, 2}, {3}});
  }
}
