package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SlicedDistanceTest {

  private static final INDArray SET = part(0, 200);

  @Test
  void aShiftCostsThreeTimesItsSquaredLength() {
    assertThat(SlicedDistance.between(SET, SET.add(2), 20_000, 1))
        .isCloseTo(3 * 6 * 2 * 2, withinPercentage(3));
  }

  private static INDArray part(int from, int to) {
    return Gaussians.array(Gaussians.rows(1, 200, 6, 0), from, to);
  }

  @Test
  void theOrderOfVectorsDoesNotMatter() {
    INDArray rows = Nd4j.vstack(part(150, 200), part(0, 150));
    assertThat(SlicedDistance.between(SET, rows, 100, 1)).isLessThan(1e-12);
  }

  @Test
  void seesWhatMomentsDoNot() {
    // Mean 0 and variance 1, both.
    INDArray two = Nd4j.create(new float[] {-1, -1, -1, -1, 1, 1, 1, 1}, new long[] {8, 1}, 'c');
    INDArray three = Nd4j.create(new float[] {-2, 0, 0, 0, 0, 0, 0, 2}, new long[] {8, 1}, 'c');
    assertThat(SlicedDistance.between(two, three, 3, 1)).isEqualTo(3);
  }

  @Test
  void theSeedDecidesTheDirections() {
    INDArray other = Gaussians.array(Gaussians.rows(2, 200, 6, 0), 0, 200);
    double value = SlicedDistance.between(SET, other, 10, 1);
    assertThat(SlicedDistance.between(SET, other, 10, 1)).isEqualTo(value);
    assertThat(SlicedDistance.between(SET, other, 10, 2)).isNotEqualTo(value);
  }

  @Test
  void refusesBadArguments() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SlicedDistance.between(SET, Nd4j.zeros(100, 6), 10, 1))
        .withMessageContaining("[200, 6] and [100, 6]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SlicedDistance.between(SET, SET, 0, 1))
        .withMessageContaining("directions must be from 1 to ");
  }
}
