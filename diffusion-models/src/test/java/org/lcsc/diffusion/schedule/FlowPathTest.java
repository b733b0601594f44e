package org.lcsc.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class FlowPathTest {

  @Test
  void noiseLevelsAndTimesAreEachOthersInverse() {
    assertThat(FlowPath.sigma(0)).isZero();
    assertThat(FlowPath.sigma(0.75)).isEqualTo(3);
    assertThat(FlowPath.sigma(1)).isInfinite();
    assertThat(FlowPath.time(3)).isEqualTo(0.75);
    assertThat(FlowPath.time(FlowPath.sigma(0.3))).isCloseTo(0.3, within(1e-15));
  }

  @Test
  void theImageIsThePointLessTheWayAlongTheVelocity() {
    INDArray x = Nd4j.createFromArray(1.0, -2.0);
    INDArray into = Nd4j.createFromArray(9.0, 9.0);
    FlowPath.toX0(0.25, x, Nd4j.createFromArray(4.0, -8.0), into);
    assertThat(into.toDoubleVector()).containsExactly(0, 0);
    FlowPath.toX0(0.25, x, Nd4j.createFromArray(2.0, 4.0), into);
    assertThat(into.toDoubleVector()).containsExactly(0.5, -3);
  }
}
