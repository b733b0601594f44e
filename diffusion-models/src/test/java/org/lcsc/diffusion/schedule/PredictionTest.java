package org.lcsc.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class PredictionTest {

  private static final double ALPHA = 0.6;
  private static final double SIGMA = 0.8;
  private static final double[] X0 = {0.5, -1, 0.25, 0, 3, -2};
  private static final double[] EPSILON = {1.5, 0.1, -0.75, 2, 0, -1};

  private static INDArray combination(double a, double b) {
    INDArray x0 = Nd4j.createFromArray(X0).reshape(2, 1, 1, 3);
    return x0.mul(a).add(Nd4j.createFromArray(EPSILON).reshape(2, 1, 1, 3).mul(b));
  }

  private static INDArray output(Prediction prediction) {
    return switch (prediction) {
      case EPSILON -> combination(0, 1);
      case V -> combination(-SIGMA, ALPHA);
      case X0 -> combination(1, 0);
    };
  }

  @ParameterizedTest
  @EnumSource(Prediction.class)
  void recoversImageAndNoise(Prediction prediction) {
    INDArray x = combination(ALPHA, SIGMA);
    INDArray xBefore = x.dup();
    INDArray output = output(prediction);
    INDArray x0 = Nd4j.createUninitialized(DataType.DOUBLE, 2, 1, 1, 3);
    INDArray epsilon = Nd4j.createUninitialized(DataType.DOUBLE, 2, 1, 1, 3);
    prediction.toX0(ALPHA, SIGMA, x, output, x0);
    prediction.toEpsilon(ALPHA, SIGMA, x, output, epsilon);
    assertThat(x0.data().asDouble()).containsExactly(X0, within(1e-14));
    assertThat(epsilon.data().asDouble()).containsExactly(EPSILON, within(1e-14));
    assertThat(x).isEqualTo(xBefore);
    assertThat(output).isEqualTo(output(prediction));
  }

  @ParameterizedTest
  @EnumSource(Prediction.class)
  void writesIntoItsOwnInputs(Prediction prediction) {
    INDArray intoOutput = output(prediction);
    prediction.toX0(ALPHA, SIGMA, combination(ALPHA, SIGMA), intoOutput, intoOutput);
    assertThat(intoOutput.data().asDouble()).containsExactly(X0, within(1e-14));
    INDArray intoX = combination(ALPHA, SIGMA);
    prediction.toEpsilon(ALPHA, SIGMA, intoX, output(prediction), intoX);
    assertThat(intoX.data().asDouble()).containsExactly(EPSILON, within(1e-14));
  }

  @Test
  void readsArraysOfOtherLayoutAndType() {
    INDArray wide = Nd4j.zeros(DataType.FLOAT, 3, 1, 1, 4);
    INDArray view =
        wide.get(
            NDArrayIndex.interval(0, 3),
            NDArrayIndex.all(),
            NDArrayIndex.all(),
            NDArrayIndex.interval(1, 3));
    view.assign(Nd4j.createFromArray(1f, 2, 3, 4, 5, 6).reshape(3, 1, 1, 2));
    INDArray fortran = Nd4j.create(new double[] {1, 2, 3, 4, 5, 6}, new long[] {3, 1, 1, 2}, 'f');
    INDArray into = Nd4j.createUninitialized(DataType.DOUBLE, 3, 1, 1, 2);
    InPlace.combine(10, view, 1, fortran, into);
    // column-major 1..6 is 1, 4, 2, 5, 3, 6 in row-major order
    assertThat(into.data().asDouble())
        .containsExactly(new double[] {11, 24, 32, 45, 53, 66}, within(1e-6));
    assertThat(InPlace.isWritable(into)).isTrue();
    assertThat(InPlace.isWritable(view)).isFalse();
    assertThat(InPlace.isWritable(fortran)).isFalse();
    assertThat(InPlace.isWritable(into.castTo(DataType.INT32))).isFalse();
  }

  @Test
  void anArrayWhoseFactorIsZeroIsNotRead() {
    INDArray broken = Nd4j.createFromArray(Double.NaN, Double.NaN);
    INDArray x = Nd4j.createFromArray(1.0, -2.0);
    INDArray into = Nd4j.createFromArray(7.0, 7.0);
    InPlace.combine(2, x, 0, broken, into);
    assertThat(into.toDoubleVector()).containsExactly(2, -4);
    InPlace.combine(0, broken, 3, x, into);
    assertThat(into.toDoubleVector()).containsExactly(3, -6);
  }

  @Test
  void addsArraysOfEveryOrderAndType() {
    double[] ones = {1, 1, 1, 1};
    INDArray fortran = Nd4j.create(new double[] {1, 2, 3, 4}, new long[] {2, 2}, 'f');
    INDArray single = Nd4j.createFromArray(1f, 2, 3, 4).reshape('c', 2, 2);
    INDArray spaced =
        Nd4j.createFromArray(1.0, 9, 2, 9, 3, 9, 4, 9)
            .reshape('c', 4, 2)
            .get(NDArrayIndex.all(), NDArrayIndex.point(0))
            .reshape('c', 2, 2);
    double[][] expected = {{11, 31, 21, 41}, {11, 21, 31, 41}, {11, 21, 31, 41}};
    INDArray[] added = {fortran, single, spaced};
    for (int i = 0; i < added.length; i++) {
      INDArray y = Nd4j.create(ones.clone(), new long[] {2, 2}, 'c');
      InPlace.add(y, 10, added[i]);
      assertThat(y.data().asDouble()).as("array %d", i).containsExactly(expected[i]);
    }
  }
}
