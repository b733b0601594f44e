package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lcsc.checkpoint.Coefficients;

class CoefficientLimitsTest {

  /** The convex hull of the checkpoints. */
  private static final CoefficientLimits CONVEX = new CoefficientLimits(0, 1);

  private static final List<CoefficientLimits> LIMITS =
      List.of(
          CoefficientLimits.NONE,
          CONVEX,
          CoefficientLimits.of(0.3, false),
          new CoefficientLimits(-0.1, 0.6));

  @Test
  void projectionsHoldTheLimitsSumToOneAndStayPut() {
    Random random = new Random(5);
    for (CoefficientLimits limits : LIMITS) {
      for (int trial = 0; trial < 200; trial++) {
        double[] point = random.doubles(12, -2, 2).toArray();
        double[] projected = limits.project(point, 1);
        assertThat(limits.holds(projected)).as("%s", limits).isTrue();
        assertThat(Coefficients.sum(projected)).isCloseTo(1, within(1e-12));
        assertThat(limits.project(projected, 1)).containsExactly(projected);
      }
    }
  }

  @Test
  void noFeasiblePointIsNearerThanTheProjection() {
    Random random = new Random(6);
    for (CoefficientLimits limits : LIMITS) {
      double[] point = random.doubles(6, -2, 2).toArray();
      double nearest = distance(point, limits.project(point, 1));
      for (int trial = 0; trial < 500; trial++) {
        double[] feasible = limits.project(random.doubles(6, -2, 2).toArray(), 1);
        assertThat(distance(point, feasible)).isGreaterThanOrEqualTo(nearest - 1e-12);
      }
    }
  }

  @Test
  void projectsOntoTheSimplexAsKnown() {
    assertThat(CONVEX.project(new double[] {2, 0.5, -1}, 1))
        .containsExactly(new double[] {1, 0, 0}, within(1e-15));
    assertThat(CONVEX.project(new double[] {0.9, 0.5, -1}, 1))
        .containsExactly(new double[] {0.7, 0.3, 0}, within(1e-15));
  }

  @Test
  void aSingleFeasiblePointIsFoundDespiteRounding() {
    assertThat(
            CoefficientLimits.of(0.1, false)
                .project(new double[] {3, 2, 1, 0, 0, 0, 0, 0, 0, 9}, 1))
        .containsOnly(0.1);
  }

  @Test
  void theLastRoundingIsSpreadToACoefficientBetweenTheBounds() {
    // At a shift of a million its rounding is a millionth of a millionth of a million.
    CoefficientLimits limits = new CoefficientLimits(-0.1, 0.6);
    Random random = new Random(7);
    for (int trial = 0; trial < 100; trial++) {
      double[] point = random.doubles(12, 1e6 - 1, 1e6 + 1).toArray();
      int lowest = trial % 2;
      point[lowest] = 1e6 - 5;
      point[1 - lowest] = 1e6 + 5;
      double[] projected = limits.project(point, 1);
      assertThat(Coefficients.sum(projected)).isCloseTo(1, within(1e-14));
      assertThat(projected[lowest]).isEqualTo(-0.1);
      assertThat(projected[1 - lowest]).isEqualTo(0.6);
      assertThat(limits.holds(projected)).isTrue();
    }
    double[] far = limits.project(new double[] {-3e6, -3e6, -3e6}, 1);
    assertThat(far).containsExactly(new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0}, within(1e-9));
  }

  @Test
  void pointsFarBeyondOneBound() {
    assertThat(new CoefficientLimits(-1, 0.6).project(new double[] {10, 0, 0}, 1))
        .containsExactly(new double[] {0.6, 0.2, 0.2}, within(1e-14));
    assertThat(new CoefficientLimits(-0.6, 1).project(new double[] {-10, 0, 0}, 1))
        .containsExactly(new double[] {-0.6, 0.8, 0.8}, within(1e-14));
  }

  @Test
  void whatSumsToOneBeyondTheLimitsIsNotLeftAlone() {
    double[] beyond = {2, -1};
    assertThat(CONVEX.holds(beyond)).isFalse();
    assertThat(CONVEX.project(beyond, 1)).containsExactly(1, 0);
    assertThat(CoefficientLimits.NONE.project(beyond, 1)).containsExactly(beyond);
  }

  @Test
  void everyGroupIsProjectedByItself() {
    assertThat(CONVEX.project(new double[] {2, 0.5, -1, 0.9, 0.5, -1}, 2))
        .containsExactly(new double[] {1, 0, 0, 0.7, 0.3, 0}, within(1e-15));
  }

  @Test
  void limitsOfAConfiguration() {
    assertThat(CoefficientLimits.of(null, false)).isEqualTo(CoefficientLimits.NONE);
    assertThat(CoefficientLimits.of(2.0, false)).isEqualTo(new CoefficientLimits(-2, 2));
    assertThat(CoefficientLimits.of(null, true)).isEqualTo(CONVEX);
    assertThat(CoefficientLimits.of(3.0, true)).isEqualTo(CONVEX);
    assertThat(CoefficientLimits.of(0.5, true)).isEqualTo(new CoefficientLimits(0, 0.5));
  }

  @Test
  void limitsThatJustAllowASumOfOne() {
    new CoefficientLimits(0.25, 1).requireFeasible(4);
    new CoefficientLimits(0, 0.25).requireFeasible(4);
    for (CoefficientLimits limits :
        List.of(new CoefficientLimits(0.26, 1), new CoefficientLimits(0, 0.24))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> limits.requireFeasible(4))
          .withMessageContaining("least at most and most at least 0.25");
    }
  }

  @Test
  void refusesLimitsThatCannotHold() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CoefficientLimits.of(0.2, false).project(new double[] {1, 1, 1}, 1))
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
