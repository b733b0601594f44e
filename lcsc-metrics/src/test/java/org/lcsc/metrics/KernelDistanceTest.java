package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class KernelDistanceTest {

  private static final INDArray X =
      Nd4j.create(new float[][] {{0, 0}, {1, 0}, {0, 2}, {2, 3}, {4, 1}});
  private static final INDArray Y =
      Nd4j.create(new float[][] {{1, 1}, {2, 0}, {3, 4}, {0, 1}, {1, 5}});

  @Test
  void smallSetsByHand() {
    assertThat(KernelDistance.between(X, Y)).isCloseTo(-7.3975, within(1e-10));
    assertThat(KernelDistance.between(Y, X)).isCloseTo(-7.3975, within(1e-10));
  }

  @Test
  void subsetsOfFullSizeAllEqualTheWhole() {
    KernelDistance.Estimate estimate = KernelDistance.overSubsets(X, Y, 7, 5, 1);
    assertThat(estimate.mean()).isCloseTo(-7.3975, within(1e-10));
    assertThat(estimate.deviation()).isCloseTo(0, within(1e-10));
  }

  @Test
  void isUnbiasedForEqualDistributionsAndSeesAShift() {
    INDArray first = Gaussians.array(Gaussians.rows(1, 400, 6, 0), 0, 400);
    INDArray second = Gaussians.array(Gaussians.rows(2, 400, 6, 0), 0, 400);
    INDArray shifted = Gaussians.array(Gaussians.rows(3, 400, 6, 1), 0, 400);
    KernelDistance.Estimate equal = KernelDistance.overSubsets(first, second, 40, 60, 3);
    // Subsets overlap, so their mean varies less than one subset but more than independent ones.
    assertThat(equal.mean()).isCloseTo(0, within(equal.deviation()));
    KernelDistance.Estimate different = KernelDistance.overSubsets(first, shifted, 40, 60, 3);
    assertThat(different.mean()).isGreaterThan(5 * equal.deviation());
  }

  @Test
  void seedDecidesTheSubsets() {
    KernelDistance.Estimate estimate = KernelDistance.overSubsets(X, Y, 5, 3, 9);
    assertThat(KernelDistance.overSubsets(X, Y, 5, 3, 9)).isEqualTo(estimate);
    assertThat(KernelDistance.overSubsets(X, Y, 5, 3, 10)).isNotEqualTo(estimate);
    assertThat(estimate.deviation()).isPositive();
  }

  @Test
  void theDeviationIsThatOfTheSubsets() {
    // The first of two subsets is the only one of the same seed.
    double first = KernelDistance.overSubsets(X, Y, 1, 2, 9).mean();
    KernelDistance.Estimate both = KernelDistance.overSubsets(X, Y, 2, 2, 9);
    assertThat(both.deviation()).isPositive();
    assertThat(both.deviation()).isCloseTo(Math.abs(first - both.mean()), within(1e-12));
    assertThat(KernelDistance.overSubsets(X, Y, 1, 2, 9).deviation()).isZero();
  }

  @Test
  void twoSamplesAreEnoughAndOneIsNot() {
    INDArray two = Nd4j.create(new float[][] {{0, 0}, {1, 0}});
    // k is 1 where either is 0, and 1.5^3 of (1, 0) with itself.
    assertThat(KernelDistance.between(two, two)).isCloseTo(1 + 1 - (3 + 3.375) / 2, within(1e-12));
    FeatureDistance distance = KernelDistance.against(two);
    assertThat(distance.dimension()).isEqualTo(2);
    assertThat(distance.distance(new float[] {0, 0, 1, 0})).isCloseTo(-1.1875, within(1e-12));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> distance.distance(new float[2]))
        .withMessage("Features must be at least 2 whole rows of 2, got 2 values");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KernelDistance.against(Nd4j.create(new float[][] {{0, 0}})))
        .withMessage("Both sets need at least 2 samples, got 1 and 1");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> KernelDistance.against(Nd4j.create(new float[][] {{0, 1}, {1, Float.NaN}})))
        .withMessage("Reference features hold NaN or infinite values");
  }

  @Test
  void refusesBadArguments() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KernelDistance.overSubsets(X, Y, 5, 1, 1))
        .withMessageContaining("subsetSize must be at least 2, got 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KernelDistance.between(X, Nd4j.zeros(5, 3)))
        .withMessageContaining("[5, 2] and [5, 3]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KernelDistance.overSubsets(X, Y, 5, 6, 1))
        .withMessageContaining("at least 6 samples, got 5 and 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KernelDistance.overSubsets(X, Y, 0, 2, 1))
        .withMessageContaining("subsets must be at least 1, got 0");
  }
}
