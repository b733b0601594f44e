package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class GaussianDiscrepancyTest {

  @Test
  void singlePointsByHand() {
    INDArray first = Nd4j.create(new float[][] {{0, 0}});
    INDArray second = Nd4j.create(new float[][] {{3, 4}});
    assertThat(GaussianDiscrepancy.between(first, second, 5))
        .isCloseTo(2000 * (1 - Math.exp(-0.5)), within(1e-9));
    assertThat(GaussianDiscrepancy.between(first, first, 5)).isZero();
  }

  @Test
  void blocksChangeNothing() {
    int many = NearestNeighbours.BLOCK + 37;
    INDArray x = Gaussians.array(Gaussians.rows(1, many, 3, 0), 0, many);
    INDArray one = Gaussians.array(Gaussians.rows(2, 1, 3, 1), 0, 1);
    INDArray twice = Nd4j.vstack(x, x);
    assertThat(GaussianDiscrepancy.between(twice, one, 2))
        .isCloseTo(GaussianDiscrepancy.between(x, one, 2), within(1e-9));
  }

  @Test
  void refusesBadArguments() {
    INDArray x = Nd4j.zeros(3, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GaussianDiscrepancy.between(x, x, 0))
        .withMessageContaining("bandwidth must be above 0, got 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GaussianDiscrepancy.between(x, Nd4j.zeros(3, 4), 1))
        .withMessageContaining("[3, 2] and [3, 4]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GaussianDiscrepancy.between(x, x.dup().putScalar(0, Float.NaN), 1))
        .withMessageContaining("NaN");
  }
}
