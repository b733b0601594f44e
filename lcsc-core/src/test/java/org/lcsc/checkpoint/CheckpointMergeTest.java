package org.lcsc.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class CheckpointMergeTest {

  /** Three tiles, the last one partial. */
  private static final int P = 40_003;

  private static final int CAPACITY = 7;

  private static float[][] trajectory(int count, int length, long seed) {
    Random random = new Random(seed);
    float[][] checkpoints = new float[count][length];
    for (int i = 0; i < length; i++) {
      double value = random.nextGaussian();
      for (int k = 0; k < count; k++) {
        value += 0.1 * random.nextGaussian();
        checkpoints[k][i] = (float) value;
      }
    }
    return checkpoints;
  }

  private static double[][] coefficients(int rows, int columns, long seed) {
    Random random = new Random(seed);
    double[][] coefficients = new double[rows][columns];
    for (double[] row : coefficients) {
      for (int k = 0; k < columns; k++) {
        row[k] = random.nextGaussian();
      }
      double sum = Arrays.stream(row).sum();
      for (int k = 0; k < columns; k++) {
        row[k] += (1 - sum) / columns;
      }
    }
    return coefficients;
  }

  /** Largest error against a double sum, relative to the sum of the terms' magnitudes. */
  private static double error(double[] coefficients, float[][] checkpoints, float[] merged) {
    double worst = 0;
    for (int i = 0; i < merged.length; i++) {
      double sum = 0;
      double magnitude = 0;
      for (int k = 0; k < coefficients.length; k++) {
        sum += coefficients[k] * checkpoints[k][i];
        magnitude += Math.abs(coefficients[k] * checkpoints[k][i]);
      }
      worst = Math.max(worst, Math.abs(merged[i] - sum) / magnitude);
    }
    return worst;
  }

  private static CheckpointWindow fill(CheckpointWindow window, float[][] checkpoints) {
    for (int k = 0; k < checkpoints.length; k++) {
      assertThat(window.record(10L * (k + 1), Nd4j.createFromArray(checkpoints[k]))).isTrue();
    }
    return window;
  }

  private static CheckpointWindowBuilder builder(int parameters) {
    return CheckpointWindow.builder(parameters).window(10 * CAPACITY).interval(10);
  }

  /** What the window has stored, as the reference of a merge. */
  private static float[][] stored(CheckpointWindow window) {
    float[][] checkpoints = new float[window.size()][];
    for (int k = 0; k < checkpoints.length; k++) {
      checkpoints[k] = window.checkpoint(k).toFloatVector();
    }
    return checkpoints;
  }

  @ParameterizedTest(name = "{0}, {1} recorded, B = {2}")
  @CsvSource({
    "FLOAT32, 7, 5",
    "FLOAT32, 3, 5",
    "FLOAT32, 11, 16",
    "FLOAT32, 11, 1",
    "FLOAT32, 1, 2",
    "BFLOAT16, 11, 5",
    "BFLOAT16, 4, 1",
    "FLOAT16, 11, 5"
  })
  void mergesLikeADoubleReference(CheckpointDataType type, int recorded, int candidates) {
    float[][] checkpoints = trajectory(recorded, P, 1);
    try (CheckpointWindow window = fill(builder(P).dataType(type).build(), checkpoints)) {
      float[][] reference = stored(window);
      double[][] coefficients = coefficients(candidates, window.size(), 2);
      INDArray out = Nd4j.valueArrayOf(new long[] {candidates, P}, Double.NaN, DataType.FLOAT);
      window.merge(coefficients, out);
      for (int b = 0; b < candidates; b++) {
        assertThat(error(coefficients[b], reference, out.getRow(b).toFloatVector()))
            .as("candidate %d", b)
            .isLessThan(1e-6);
      }
      assertThat(error(coefficients[0], reference, window.merge(coefficients[0]).toFloatVector()))
          .as("alone")
          .isLessThan(1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 3", "16384, 2", "16385, 1", "5, 7"})
  void mergesVectorsOfAnyLength(int parameters, int candidates) {
    float[][] checkpoints = trajectory(CAPACITY, parameters, 3);
    try (CheckpointWindow window = fill(builder(parameters).build(), checkpoints)) {
      double[][] coefficients = coefficients(candidates, CAPACITY, 4);
      INDArray out = Nd4j.create(DataType.FLOAT, candidates, parameters);
      window.merge(coefficients, out);
      for (int b = 0; b < candidates; b++) {
        float[] merged = out.getRow(b).reshape(parameters).toFloatVector();
        assertThat(error(coefficients[b], checkpoints, merged)).isLessThan(1e-6);
      }
    }
  }

  @Test
  void roundingOfStoredValuesStaysWithinTheBoundsOfTheType() {
    float[][] checkpoints = trajectory(1, P, 5);
    for (CheckpointDataType type : CheckpointDataType.values()) {
      double relative =
          switch (type) {
            case FLOAT32 -> 0;
            case BFLOAT16 -> 0x1p-8;
            case FLOAT16 -> 0x1p-11;
          };
      try (CheckpointWindow window = fill(builder(P).dataType(type).build(), checkpoints)) {
        float[] stored = window.checkpoint(0).toFloatVector();
        double worst = 0;
        for (int i = 0; i < P; i++) {
          double error = Math.abs(stored[i] - checkpoints[0][i]);
          worst = Math.max(worst, error / Math.max(Math.abs(checkpoints[0][i]), 0x1p-14));
        }
        assertThat(worst).as("%s", type).isLessThanOrEqualTo(relative);
        if (type != CheckpointDataType.FLOAT32) {
          assertThat(worst).as("%s rounds", type).isGreaterThan(relative / 4);
        }
      }
    }
  }

  @Test
  void theSameMergeGivesTheSameBits() {
    try (CheckpointWindow window = fill(builder(P).build(), trajectory(9, P, 6))) {
      double[][] coefficients = coefficients(16, CAPACITY, 7);
      INDArray first = Nd4j.create(DataType.FLOAT, 16, P);
      INDArray second = Nd4j.create(DataType.FLOAT, 16, P);
      window.merge(coefficients, first);
      window.merge(coefficients, second);
      assertThat(second.data().asFloat()).isEqualTo(first.data().asFloat());
    }
  }

  @Test
  void mergesIntoRowsOfALargerArrayAndIntoEitherOrderingOfASingleRow() {
    try (CheckpointWindow window = fill(builder(P).build(), trajectory(3, P, 12))) {
      float[][] reference = stored(window);
      double[][] two = coefficients(2, 3, 13);
      INDArray all = Nd4j.create(DataType.FLOAT, 5, P);
      window.merge(two, all.get(NDArrayIndex.interval(1, 3), NDArrayIndex.all()));
      assertThat(error(two[0], reference, all.getRow(1).toFloatVector())).isLessThan(1e-6);
      assertThat(error(two[1], reference, all.getRow(2).toFloatVector())).isLessThan(1e-6);
      double[][] one = {two[1]};
      window.merge(one, all.get(NDArrayIndex.interval(4, 5), NDArrayIndex.all()));
      assertThat(error(two[1], reference, all.getRow(4).toFloatVector())).isLessThan(1e-6);
      for (int untouched : new int[] {0, 3}) {
        assertThat(all.getRow(untouched).amaxNumber().doubleValue()).isZero();
      }
      for (char ordering : new char[] {'c', 'f'}) {
        INDArray row = Nd4j.create(DataType.FLOAT, new long[] {1, P}, ordering);
        window.merge(one, row);
        assertThat(error(two[1], reference, row.getRow(0).toFloatVector()))
            .as("ordering %s", ordering)
            .isLessThan(1e-6);
      }
    }
  }

  @Test
  void mergedArraysSurviveAWorkspace() {
    try (CheckpointWindow window = fill(builder(P).build(), trajectory(2, P, 6))) {
      INDArray merged;
      try (MemoryWorkspace scope =
          Nd4j.getWorkspaceManager()
              .getAndActivateWorkspace(
                  WorkspaceConfiguration.builder().initialSize(1 << 20).build(), "merge")) {
        merged = window.merge(new double[] {0.5, 0.5});
        assertThat(scope.isScopeActive()).isTrue();
        assertThat(merged.isAttached()).isFalse();
        assertThat(window.checkpoint(0).isAttached()).isFalse();
      }
    }
  }

  @Test
  void innerProductsMatchADoubleReference() {
    float[][] checkpoints = trajectory(9, P, 8);
    float[] vector = trajectory(1, P, 9)[0];
    for (CheckpointDataType type : CheckpointDataType.values()) {
      try (CheckpointWindow window = fill(builder(P).dataType(type).build(), checkpoints)) {
        float[][] reference = stored(window);
        double[] products = window.dot(Nd4j.createFromArray(vector));
        assertThat(products).hasSize(CAPACITY);
        for (int k = 0; k < CAPACITY; k++) {
          double sum = 0;
          double magnitude = 0;
          for (int i = 0; i < P; i++) {
            sum += (double) reference[k][i] * vector[i];
            magnitude += Math.abs((double) reference[k][i] * vector[i]);
          }
          assertThat(products[k]).as("%s %d", type, k).isCloseTo(sum, within(1e-6 * magnitude));
        }
      }
    }
  }

  @Test
  void theInnerProductIsTheGradientOfAMerge() {
    try (CheckpointWindow window = fill(builder(100).build(), trajectory(CAPACITY, 100, 10))) {
      // F(theta) = |theta|^2 / 2 has gradient theta, so dF/dalpha_k = Theta_k . theta.
      double[] alpha = coefficients(1, CAPACITY, 11)[0];
      double[] gradient = window.dot(window.merge(alpha));
      double step = 1e-2;
      for (int k = 0; k < CAPACITY; k++) {
        double[] up = alpha.clone();
        double[] down = alpha.clone();
        up[k] += step;
        down[k] -= step;
        double difference =
            (Math.pow(window.merge(up).norm2Number().doubleValue(), 2)
                    - Math.pow(window.merge(down).norm2Number().doubleValue(), 2))
                / (4 * step);
        assertThat(gradient[k]).isCloseTo(difference, within(0.02));
      }
    }
  }

  @Test
  void badMergesAreNamed() {
    try (CheckpointWindow window = builder(4).build()) {
      INDArray out = Nd4j.create(DataType.FLOAT, 1, 4);
      assertThatThrownBy(() -> window.merge(new double[][] {{}}, out))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the checkpoint window is empty");
      fill(window, new float[][] {{1, 2, 3, 4}, {5, 6, 7, 8}});
      assertThatThrownBy(() -> window.merge(new double[] {1}))
          .hasMessage("candidate 0 has 1 coefficients for 2 checkpoints");
      assertThatThrownBy(() -> window.merge(new double[] {1, Double.NaN}))
          .hasMessage("coefficient 1 of candidate 0 must be finite, got NaN");
      assertThatThrownBy(() -> window.merge(new double[0][], out))
          .hasMessage("nothing to merge: no coefficients");
      for (INDArray bad :
          new INDArray[] {
            Nd4j.create(DataType.FLOAT, 2, 4),
            Nd4j.create(DataType.DOUBLE, 1, 4),
            Nd4j.create(DataType.FLOAT, 4),
            Nd4j.create(DataType.FLOAT, 1, 5)
          }) {
        assertThatThrownBy(() -> window.merge(new double[][] {{1, 0}}, bad))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith(
                "merge target must be a row-major FLOAT array of shape [1, 4], got "
                    + bad.dataType());
      }
      INDArray columns = Nd4j.create(DataType.FLOAT, new long[] {2, 4}, 'f');
      assertThatThrownBy(() -> window.merge(new double[][] {{1, 0}, {0, 1}}, columns))
          .hasMessageContaining("row-major");
    }
  }
}
