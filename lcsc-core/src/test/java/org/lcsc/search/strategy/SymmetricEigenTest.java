package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SymmetricEigenTest {

  @Test
  void reconstructsTheMatrixFromOrthonormalVectorsInDescendingOrder() {
    int n = 40;
    Random random = new Random(11);
    double[][] matrix = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        matrix[i][j] = random.nextGaussian() * Math.pow(10, -i / 10.0);
        matrix[j][i] = matrix[i][j];
      }
    }
    SymmetricEigen eigen = SymmetricEigen.of(matrix);
    assertThat(eigen.values()).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double product = 0;
        double inner = 0;
        for (int a = 0; a < n; a++) {
          product += eigen.values()[a] * eigen.vectors()[a][i] * eigen.vectors()[a][j];
          inner += eigen.vectors()[i][a] * eigen.vectors()[j][a];
        }
        assertThat(product).as("%d, %d", i, j).isCloseTo(matrix[i][j], within(1e-12));
        assertThat(inner).isCloseTo(i == j ? 1 : 0, within(1e-13));
      }
    }
  }

  @Test
  void knowsTheClosedFormOfTwoByTwo() {
    SymmetricEigen eigen = SymmetricEigen.of(new double[][] {{2, 1}, {1, 2}});
    assertThat(eigen.values()).containsExactly(new double[] {3, 1}, within(1e-15));
    assertThat(eigen.vectors()[0][0] * eigen.vectors()[0][1]).isCloseTo(0.5, within(1e-15));
  }

  @Test
  void refusesNaN() {
    assertThatThrownBy(() -> SymmetricEigen.of(new double[][] {{Double.NaN, 1}, {1, 2}}))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("2 x 2");
  }
}
