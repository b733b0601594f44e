package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class MemorisationCheckTest {

  private static INDArray set(long seed, int count) {
    return Nd4j.create(Gaussians.rows(seed, count, 4, 0)).reshape(count, 4);
  }

  private static MemorisationCheck check(INDArray samples, INDArray heldOut, INDArray training) {
    return MemorisationCheck.ofSquaredDistances(
        NearestNeighbours.nearest(samples, training), NearestNeighbours.nearest(heldOut, training));
  }

  @Test
  void copiesAreFoundOut() {
    INDArray training = set(1, 500);
    MemorisationCheck check = check(training.dup(), set(2, 200), training);
    assertThat(check.sampleMedian()).isZero();
    assertThat(check.heldOutMedian()).isPositive();
    assertThat(check.closeShare()).isEqualTo(1.0);
    assertThat(check.zScore()).isLessThan(-15);
  }

  @Test
  void freshDrawsPass() {
    MemorisationCheck check = check(set(3, 300), set(2, 300), set(1, 500));
    assertThat(check.zScore()).isBetween(-3.0, 3.0);
    assertThat(check.sampleMedian()).isCloseTo(check.heldOutMedian(), within(0.2));
    assertThat(check.closeShare()).isLessThan(0.05);
  }

  @Test
  void ranksAsMannAndWhitney() {
    // Pairs with x above y: 1 of (2, {1, 3, 4}), 1.5 of (3, .); U = 2.5 of 6, variance 2*3*6/12.
    MemorisationCheck check =
        MemorisationCheck.ofSquaredDistances(new double[] {2, 3}, new double[] {1, 3, 4});
    assertThat(check.zScore()).isCloseTo((2.5 - 3) / Math.sqrt(3), within(1e-12));
    assertThat(check.sampleMedian()).isCloseTo((Math.sqrt(2.5)), within(1e-12));
    assertThat(check.heldOutMedian()).isCloseTo(Math.sqrt(3), within(1e-12));
  }

  @Test
  void emptySetsAreRefused() {
    assertThatThrownBy(() -> MemorisationCheck.ofSquaredDistances(new double[0], new double[] {1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got 0 and 1");
  }
}
