package org.lcsc.averaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LinearSystemTest {

  @Test
  void aSystemOfThreeHasTheSolutionFoundByHand() {
    // x = (1, -2, 3).
    double[][] system = {{4, 1, 2, 8}, {1, 9, 3, -8}, {2, 3, 16, 44}};
    assertThat(LinearSystem.solve(system)).containsExactly(new double[] {1, -2, 3}, within(1e-12));
  }

  @Test
  void unknownsMayDifferByManyOrdersOfMagnitude() {
    double[][] system = {{1e220, 0.5, 2e110}, {0.5, 1e-220, 2.5e-110}};
    double[] solution = LinearSystem.solve(system);
    assertThat(solution[0] * 1e110).isCloseTo(1, within(1e-12));
    assertThat(solution[1] / 1e110).isCloseTo(2, within(1e-12));
  }

  @Test
  void aSingularSystemIsRefused() {
    double[][] system = {{1, 1, 3}, {1, 1, 3}};
    assertThatThrownBy(() -> LinearSystem.solve(system))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("a system of 2 equations is singular");
  }
}
