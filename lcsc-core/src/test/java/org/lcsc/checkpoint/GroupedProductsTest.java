package org.lcsc.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lcsc.checkpoint.ParameterGroups.Segment;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Merging, inner products and Gram matrices of several groups of parameters. */
class GroupedProductsTest {

  private static final int K = 4;

  /** More than two tiles. */
  private static final int P = 40_000;

  /** Segments of one parameter, within a tile, across tiles, and a whole tile. */
  private static final ParameterGroups GROUPS =
      new ParameterGroups(
          List.of("a", "b", "c"),
          List.of(
              new Segment(0, 0, 1),
              new Segment(1, 1, 2),
              new Segment(0, 2, 7_000),
              new Segment(2, 7_000, 33_000),
              new Segment(1, 33_000, 39_999),
              new Segment(2, 39_999, P)));

  private final float[][] theta = new float[K][P];

  /** Filled over its capacity: the oldest checkpoint is not in the first slot. */
  private CheckpointWindow window(CheckpointDataType type) {
    CheckpointWindow window = CheckpointWindow.builder(P).capacity(K).dataType(type).build();
    Random random = new Random(3);
    for (int k = -1; k < K; k++) {
      float[] values = theta[Math.max(0, k)];
      for (int i = 0; i < P; i++) {
        // Exact in 16 bits.
        values[i] = (random.nextInt(9) - 4) / 4f;
      }
      window.record(k + 10, Nd4j.createFromArray(values));
    }
    return window;
  }

  private static int groupOf(int parameter) {
    return GROUPS.segments().stream()
        .filter(s -> parameter >= s.from() && parameter < s.to())
        .findFirst()
        .orElseThrow()
        .group();
  }

  @ParameterizedTest
  @EnumSource(CheckpointDataType.class)
  void everyParameterIsMergedWithItsGroupsCoefficients(CheckpointDataType type) {
    double[][] candidates = new double[3][GROUPS.size() * K];
    Random random = new Random(5);
    for (double[] candidate : candidates) {
      for (int i = 0; i < candidate.length; i++) {
        candidate[i] = (random.nextInt(17) - 8) / 8.0;
      }
    }
    try (CheckpointWindow window = window(type)) {
      for (int rows : new int[] {1, 3}) {
        INDArray out = Nd4j.create(DataType.FLOAT, rows, P);
        double[][] some = Arrays.copyOf(candidates, rows);
        window.merge(some, GROUPS, out);
        float[] merged = out.data().asFloat();
        for (int b = 0; b < rows; b++) {
          for (int i = 0; i < P; i++) {
            double expected = 0;
            for (int k = 0; k < K; k++) {
              expected += some[b][groupOf(i) * K + k] * theta[k][i];
            }
            // All values are multiples of 1/32: exact in float32.
            assertThat(merged[b * P + i])
                .as("row %d, parameter %d", b, i)
                .isEqualTo((float) expected);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(CheckpointDataType.class)
  void theHostsOwnLoopsGiveTheBackendsProducts(CheckpointDataType type) {
    Random random = new Random(7);
    try (CheckpointWindow window = window(type)) {
      INDArray[] bySlot = new INDArray[GROUPS.size()];
      for (int group = 0; group < bySlot.length; group++) {
        float[][] values = new float[3][K];
        for (float[] row : values) {
          for (int k = 0; k < K; k++) {
            row[k] = (random.nextInt(17) - 8) / 8f;
          }
        }
        bySlot[group] = Nd4j.createFromArray(values);
      }
      PanelProducts products = new PanelProducts(window.store());
      INDArray expected = Nd4j.create(DataType.FLOAT, 3, P);
      products.multiply(bySlot, GROUPS, expected);
      INDArray out = Nd4j.create(DataType.FLOAT, 3, P);
      products.multiplyOnHost(bySlot, GROUPS, out);
      assertThat(Arrays.equals(out.data().asFloat(), expected.data().asFloat())).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(CheckpointDataType.class)
  void innerProductsAndGramMatricesAreThoseOfTheGroups(CheckpointDataType type) {
    try (CheckpointWindow window = window(type)) {
      float[] vector = new float[P];
      Random random = new Random(6);
      for (int i = 0; i < P; i++) {
        vector[i] = random.nextInt(5) - 2;
      }
      double[] dots = window.dot(Nd4j.createFromArray(vector), GROUPS);
      double[][][] grams = window.centredGrams(GROUPS);
      double[] expected = new double[GROUPS.size() * K];
      double[][][] expectedGrams = new double[GROUPS.size()][K][K];
      for (int i = 0; i < P; i++) {
        int group = groupOf(i);
        double mean = 0;
        for (int k = 0; k < K; k++) {
          expected[group * K + k] += (double) theta[k][i] * vector[i];
          mean += theta[k][i] / K;
        }
        for (int k = 0; k < K; k++) {
          for (int j = 0; j < K; j++) {
            expectedGrams[group][k][j] += (theta[k][i] - mean) * (theta[j][i] - mean);
          }
        }
      }
      assertThat(dots).isEqualTo(expected);
      double[][] whole = window.centredGrams(ParameterGroups.whole(window.parameters()))[0];
      for (int k = 0; k < K; k++) {
        for (int j = 0; j < K; j++) {
          double sum = 0;
          for (int group = 0; group < GROUPS.size(); group++) {
            double value = expectedGrams[group][k][j];
            assertThat(grams[group][k][j]).isCloseTo(value, within(1e-5 * (1 + Math.abs(value))));
            sum += grams[group][k][j];
          }
          assertThat(sum).isCloseTo(whole[k][j], within(1e-5 * (1 + Math.abs(sum))));
        }
      }
    }
  }

  @Test
  void wrongGroupsAndCoefficientsAreNamed() {
    try (CheckpointWindow window = window(CheckpointDataType.FLOAT32)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> window.merge(new double[K], GROUPS))
          .withMessage("candidate 0 has 4 coefficients for 4 checkpoints in 3 groups");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> window.merge(new double[K], ParameterGroups.whole(P - 1)))
          .withMessage("the groups are of 39999 parameters, this window of 40000");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new ParameterGroups(
                    List.of("a", "b"), List.of(new Segment(0, 0, 3), new Segment(1, 4, 5))))
        .withMessage(
            "segments must follow one another without gaps: expected one from 3 on, got 4 to 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ParameterGroups(List.of("a", "b"), List.of(new Segment(0, 0, 3))))
        .withMessage("group b has no parameters");
    // A hash of the numbers, equal on every version of Java.
    assertThat(new ParameterGroups(List.of("a"), List.of(new Segment(0, 0, 3))).description())
        .isEqualTo("a, partition 7481");
  }
}
