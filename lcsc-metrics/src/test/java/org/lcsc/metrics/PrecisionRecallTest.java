package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.io.HostArrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PrecisionRecallTest {

  private static INDArray rows(double... values) {
    return Nd4j.create(values, new long[] {values.length / 2, 2}, 'c');
  }

  @Test
  void aPointOnTheBorderIsInside() {
    INDArray real = rows(0, 0, 1, 0, 0, 2, 2, 3, 4, 1);
    INDArray generated = rows(1, 1, 2, 0, 3, 4, 0, 1, 1, 5);
    PrecisionRecall shares = PrecisionRecall.between(real, generated, 1);
    assertThat(shares.precision()).isEqualTo(1.0);
    assertThat(shares.recall()).isEqualTo(0.8);
  }

  @Test
  void aSetCoversItselfAndNothingFarAway() {
    INDArray set = Nd4j.create(Gaussians.rows(3, 300, 8, 0)).reshape(300, 8);
    assertThat(PrecisionRecall.between(set, set.dup(), 3))
        .isEqualTo(new PrecisionRecall(1, 1, 4 / 3.0, 1));
    assertThat(PrecisionRecall.between(set, set.add(100), 3))
        .isEqualTo(new PrecisionRecall(0, 0, 0, 0));
  }

  @Test
  void samplesOfOneModeArePreciseButRecallLittle() {
    INDArray left = Nd4j.create(Gaussians.rows(4, 400, 2, 0)).reshape(400, 2);
    INDArray right = Nd4j.create(Gaussians.rows(5, 400, 2, 50)).reshape(400, 2);
    INDArray generated = Nd4j.create(Gaussians.rows(6, 800, 2, 0)).reshape(800, 2);
    PrecisionRecall shares = PrecisionRecall.between(Nd4j.vstack(left, right), generated, 3);
    assertThat(shares.precision()).isGreaterThan(0.9);
    assertThat(shares.recall()).isCloseTo(0.5, within(0.05));
    assertThat(shares.coverage()).isCloseTo(0.5, within(0.05));
  }

  @ParameterizedTest
  @ValueSource(ints = {NearestNeighbours.BLOCK, NearestNeighbours.BLOCK + 37})
  void blocksChangeNothing(int many) {
    INDArray set = Nd4j.create(Gaussians.rows(7, many, 3, 1)).reshape(many, 3);
    float[] values = HostArrays.floats(set);
    double[] radii = NearestNeighbours.radii(set, 3);
    for (int i : new int[] {0, 500, NearestNeighbours.BLOCK - 1, many - 1}) {
      double[] all = new double[many];
      for (int j = 0; j < many; j++) {
        for (int k = 0; k < 3; k++) {
          all[j] += Math.pow((double) values[3 * i + k] - values[3 * j + k], 2);
        }
      }
      Arrays.sort(all);
      assertThat(radii[i]).as("row %d", i).isCloseTo(all[3], within(1e-12));
    }
  }

  @Test
  void distancesAreExactFarFromTheOrigin() {
    double far = 1e8;
    INDArray base = rows(far, 0, far + 2, 0, far + 5, 0);
    assertThat(NearestNeighbours.radii(base, 1))
        .containsExactly(new double[] {4, 4, 9}, within(1e-6));
    assertThat(NearestNeighbours.radii(base, 2))
        .containsExactly(new double[] {25, 9, 25}, within(1e-6));
    assertThat(NearestNeighbours.nearest(rows(far + 3, 0, far - 1, 1), base))
        .containsExactly(new double[] {1, 2}, within(1e-6));
  }

  @Test
  void badSetsAreRefused() {
    assertThatThrownBy(() -> NearestNeighbours.radii(rows(0, 0, 1, 0), 0))
        .hasMessage("k must be at least 1, got 0");
    INDArray three = rows(0, 0, 1, 0, 0, 2);
    assertThatThrownBy(() -> PrecisionRecall.between(three, three, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more than 3 vectors")
        .hasMessageContaining("[3, 2]");
    INDArray broken = rows(0, 0, 1, 0, 0, 2, 3, Double.NaN);
    assertThatThrownBy(() -> PrecisionRecall.between(broken, broken, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NaN");
    INDArray other = Nd4j.zeros(5, 3);
    assertThatThrownBy(() -> PrecisionRecall.between(three, other, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[N, D] and [M, D]");
  }
}
