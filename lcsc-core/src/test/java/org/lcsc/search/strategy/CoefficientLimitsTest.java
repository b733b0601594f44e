package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lcsc.checkpoint.Coefficients;

class CoefficientLimitsTest {

  private static final List<CoefficientLimits> LIMITS =
      List.of(
          CoefficientLimits.NONE,
          CoefficientLimits.CONVEX,
          CoefficientLimits.magnitude(0.3),
          new CoefficientLimits(-0.1, 0.6));

  @Test
  void projectionsHoldTheLimitsSumToOneAndStayPut() {
    Random random = new Random(5);
    for (CoefficientLimits limits : LIMITS) {
      for (int trial = 0; trial < 200; trial++) {
        double[] point = random.doubles(12, -2, 2).toArray();
        double[] projected = limits.project(point);
        assertThat(limits.holds(projected)).as("%s", limits).isTrue();
        assertThat(Coefficients.sum(projected)).isCloseTo(1, within(1e-12));
        assertThat(limits.project(projected)).containsExactly(projected);
      }
    }
  }

  @Test
  void noFeasiblePointIsNearerThanTheProjection() {
    Random random = new Random(6);
    for (CoefficientLimits limits : LIMITS) {
      double[] point = random.doubles(6, -2, 2).toArray();
      double nearest = distance(point, limits.project(point));
      for (int trial = 0; trial < 500; trial++) {
        double[] feasible = limits.project(random.doubles(6, -2, 2).toArray());
        assertThat(distance(point, feasible)).isGreaterThanOrEqualTo(nearest - 1e-12);
      }
    }
  }

  @Test
  void projectsOntoTheSimplexAsKnown() {
    assertThat(CoefficientLimits.CONVEX.project(new double[] {2, 0.5, -1}))
        .containsExactly(new double[] {1, 0, 0}, within(1e-15));
    assertThat(CoefficientLimits.CONVEX.project(new double[] {0.9, 0.5, -1}))
        .containsExactly(new double[] {0.7, 0.3, 0}, within(1e-15));
  }

  @Test
  void aSingleFeasiblePointIsFoundDespiteRounding() {
    assertThat(
            CoefficientLimits.magnitude(0.1).project(new double[] {3, 2, 1, 0, 0, 0, 0, 0, 0, 9}))
        .containsOnly(0.1);
  }

  @Test
  void refusesLimitsThatCannotHold() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CoefficientLimits.magnitude(0.2).project(new double[] {1, 1, 1}))
        .withMessageContaining("cannot sum to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CoefficientLimits(1, Double.NaN))
        .withMessageContaining("NaN");
  }

  private static double distance(double[] a, double[] b) {
    double square = 0;
    for (int k = 0; k < a.length; k++) {
      square += (a[k] - b[k]) * (a[k] - b[k]);
    }
    return Math.sqrt(square);
  }
}
