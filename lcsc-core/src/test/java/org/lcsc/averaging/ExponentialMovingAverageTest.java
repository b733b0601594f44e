package org.lcsc.averaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class ExponentialMovingAverageTest {

  private static INDArray filled(double value) {
    return Nd4j.valueArrayOf(new long[] {3}, value, DataType.FLOAT);
  }

  @Test
  void startsAtTheInitialWeights() {
    INDArray initial = Nd4j.createFromArray(1f, 2f, 3f);
    ExponentialMovingAverage average = new ExponentialMovingAverage(0.9, initial);
    initial.addi(1);
    assertThat(average.parameters().toFloatVector()).containsExactly(1, 2, 3);
    assertThat(average.updates()).isZero();
    assertThat(average.rate()).isEqualTo(0.9);
  }

  @Test
  void constantParametersGiveTheGeometricClosedForm() {
    // From 0 towards 1: after n updates 1 - rate^n.
    ExponentialMovingAverage average = new ExponentialMovingAverage(0.95, filled(0));
    for (int n = 1; n <= 60; n++) {
      average.update(filled(1));
      assertThat(average.parameters().getDouble(2))
          .as("after %d updates", n)
          .isCloseTo(1 - Math.pow(0.95, n), within(1e-6));
    }
    assertThat(average.updates()).isEqualTo(60);
  }

  @Test
  void aRampIsFollowedWithTheClosedFormLag() {
    // Equation 6 on theta_n = n from theta_0 = 0: n - rate (1 - rate^n) / (1 - rate).
    double rate = 0.9;
    ExponentialMovingAverage average = new ExponentialMovingAverage(rate, filled(0));
    for (int n = 1; n <= 50; n++) {
      average.update(filled(n));
    }
    double expected = 50 - rate * (1 - Math.pow(rate, 50)) / (1 - rate);
    assertThat(average.parameters().getDouble(0)).isCloseTo(expected, within(1e-4));
  }

  @Test
  void equalWeightsStayWhereTheyAreAtEveryRate() {
    for (double rate : new double[] {0, 0.5, 0.999, 0.9999, 0.999943, 0.99999, 0.999999}) {
      ExponentialMovingAverage average = new ExponentialMovingAverage(rate, filled(1));
      for (int n = 0; n < 3000; n++) {
        average.update(filled(1));
      }
      assertThat(average.parameters().getDouble(0)).as("rate %s", rate).isCloseTo(1, within(1e-6));
    }
  }

  @Test
  void acceptsRowVectorsAndViewsAndLeavesThemAlone() {
    ExponentialMovingAverage average = new ExponentialMovingAverage(0, filled(0));
    INDArray matrix = Nd4j.createFromArray(1f, 2f, 3f, 4f, 5f, 6f).reshape('c', 2, 3);
    average.update(matrix.get(NDArrayIndex.interval(1, 2), NDArrayIndex.all()));
    assertThat(average.parameters().toFloatVector()).containsExactly(4, 5, 6);
    average.update(matrix.reshape('c', 3, 2).getColumn(1));
    assertThat(average.parameters().toFloatVector()).containsExactly(2, 4, 6);
    assertThat(matrix.data().asFloat()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void aSavedAverageGoesOnBitForBit() {
    ExponentialMovingAverage whole = new ExponentialMovingAverage(0.99, filled(1));
    ExponentialMovingAverage half = new ExponentialMovingAverage(0.99, filled(1));
    for (int n = 0; n < 10; n++) {
      whole.update(filled(Math.sin(n)));
      half.update(filled(Math.sin(n)));
    }
    ExponentialMovingAverage rest =
        new ExponentialMovingAverage(0.99, half.parameters(), half.updates());
    for (int n = 10; n < 20; n++) {
      whole.update(filled(Math.sin(n)));
      rest.update(filled(Math.sin(n)));
    }
    assertThat(rest.parameters().toFloatVector()).isEqualTo(whole.parameters().toFloatVector());
    assertThat(rest.updates()).isEqualTo(20);
    assertThat(rest).hasToString("ExponentialMovingAverage(rate=0.99, updates=20)");
  }

  @Test
  void badInputIsNamed() {
    for (double rate : new double[] {-0.1, 1, 1.5, Double.NaN, 0.99999999999}) {
      assertThatThrownBy(() -> new ExponentialMovingAverage(rate, filled(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("got " + rate);
    }
    ExponentialMovingAverage average = new ExponentialMovingAverage(0.9, filled(0));
    assertThatThrownBy(() -> average.update(Nd4j.create(DataType.FLOAT, 4)))
        .hasMessage("this average has 3 parameters, got an array of shape [4]");
    assertThatThrownBy(() -> average.update(Nd4j.create(DataType.DOUBLE, 3)))
        .hasMessage("an average needs FLOAT parameters, got DOUBLE");
    assertThatThrownBy(() -> new ExponentialMovingAverage(0.9, filled(0), -1))
        .hasMessage("updates must be at least 0, got -1");
    assertThat(average.updates()).isZero();
  }
}
