package org.lcsc.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.lcsc.checkpoint.ParameterGroups.Segment;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Merges and inner products against sums in double precision, of every type. */
class MergeRoundingTest {

  @TempDir Path directory;

  private static CheckpointWindow fill(CheckpointWindow window, int checkpoints) {
    Random random = new Random(11);
    int parameters = (int) window.parameters();
    for (int n = 1; n <= checkpoints; n++) {
      float[] values = new float[parameters];
      for (int i = 0; i < parameters; i++) {
        // Down to the subnormal numbers of float16.
        values[i] = (float) (random.nextGaussian() * Math.pow(10, -6 * random.nextDouble()));
      }
      window.record(n, Nd4j.createFromArray(values));
    }
    return window;
  }

  private static double[][] coefficients(int candidates, int count) {
    Random random = new Random(12);
    double[][] rows = new double[candidates][count];
    for (double[] row : rows) {
      Arrays.setAll(row, k -> 2 * random.nextDouble() - 1);
    }
    return rows;
  }

  /** Two groups in three segments that begin at odd places, or one where there is no room. */
  private static ParameterGroups groups(int parameters) {
    if (parameters < 8) {
      return ParameterGroups.whole(parameters);
    }
    int first = parameters / 2 | 1;
    return new ParameterGroups(
        List.of("a", "b"),
        List.of(new Segment(0, 0, 3), new Segment(1, 3, first), new Segment(0, first, parameters)));
  }

  private static float[] merge(CheckpointWindow window, double[][] rows, ParameterGroups groups) {
    INDArray out =
        Nd4j.valueArrayOf(
            new long[] {rows.length, window.parameters()}, Double.NaN, DataType.FLOAT);
    window.merge(rows, groups, out);
    float[] merged = out.data().asFloat();
    out.close();
    return merged;
  }

  /**
   * A float32 sum of K products of a rounded coefficient is within K + 2 units of 2^-24 of the sum
   * of their magnitudes.
   */
  @ParameterizedTest(name = "{0}, P = {1}, K = {2}, B = {3}")
  @CsvSource({
    "FLOAT32, 5003, 7, 1",
    "FLOAT32, 5003, 7, 3",
    "FLOAT32, 16385, 12, 16",
    "FLOAT32, 40003, 5, 17",
    "BFLOAT16, 5003, 7, 1",
    "BFLOAT16, 5003, 8, 3",
    "BFLOAT16, 16385, 12, 16",
    "BFLOAT16, 40003, 5, 17",
    "BFLOAT16, 1, 4, 2",
    "FLOAT16, 5003, 7, 1",
    "FLOAT16, 5003, 8, 3",
    "FLOAT16, 16385, 12, 16",
    "FLOAT16, 40003, 5, 17",
    "FLOAT16, 2, 1, 3"
  })
  void staysWithinTheRoundingOfAFloat32Sum(
      CheckpointDataType type, int parameters, int checkpoints, int candidates) {
    ParameterGroups groups = groups(parameters);
    // One more than fit: the slots are not in the order of the checkpoints.
    try (CheckpointWindow window =
        fill(
            CheckpointWindow.builder(parameters).capacity(checkpoints).dataType(type).build(),
            checkpoints + 1)) {
      double[][] rows = coefficients(candidates, groups.size() * checkpoints);
      float[] merged = merge(window, rows, groups);
      float[][] stored = new float[checkpoints][];
      Arrays.setAll(stored, k -> window.checkpoint(k).toFloatVector());
      for (Segment segment : groups.segments()) {
        for (int b = 0; b < candidates; b++) {
          for (int i = (int) segment.from(); i < segment.to(); i++) {
            double exact = 0;
            double magnitude = 0;
            for (int k = 0; k < checkpoints; k++) {
              double term = rows[b][segment.group() * checkpoints + k] * stored[k][i];
              exact += term;
              magnitude += Math.abs(term);
            }
            double error = Math.abs(merged[b * parameters + i] - exact);
            if (!(error <= (checkpoints + 2) * 0x1p-24 * magnitude)) {
              assertThat((double) merged[b * parameters + i])
                  .as("candidate %d, parameter %d", b, i)
                  .isCloseTo(exact, within((checkpoints + 2) * 0x1p-24 * magnitude));
            }
          }
        }
      }
      assertThat(merge(window, rows, groups)).as("again").isEqualTo(merged);
      dotsAreThoseOfTheStoredValues(window, groups, stored);
    }
  }

  private static void dotsAreThoseOfTheStoredValues(
      CheckpointWindow window, ParameterGroups groups, float[][] stored) {
    float[] vector = new float[(int) window.parameters()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = 1 + i % 97;
    }
    double[] dots = window.dot(Nd4j.createFromArray(vector), groups);
    for (int group = 0; group < groups.size(); group++) {
      for (int k = 0; k < stored.length; k++) {
        double exact = 0;
        double magnitude = 0;
        for (Segment segment : groups.segmentsOf(group)) {
          for (int i = (int) segment.from(); i < segment.to(); i++) {
            exact += (double) stored[k][i] * vector[i];
            magnitude += Math.abs((double) stored[k][i] * vector[i]);
          }
        }
        assertThat(dots[group * stored.length + k])
            .as("group %d, checkpoint %d", group, k)
            .isCloseTo(exact, within(1e-6 * magnitude));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(CheckpointDataType.class)
  void aMappedWindowMergesGroupsToTheSameBits(CheckpointDataType type) {
    int parameters = 17_001;
    int checkpoints = 8;
    CheckpointWindowBuilder builder =
        CheckpointWindow.builder(parameters)
            .capacity(checkpoints)
            .dataType(type)
            .segmentBytes(99_999);
    ParameterGroups groups = groups(parameters);
    double[][] rows = coefficients(17, 2 * checkpoints);
    try (CheckpointWindow memory = fill(builder.inMemory().build(), checkpoints);
        CheckpointWindow mapped =
            fill(builder.mapped(directory.resolve("w")).build(), checkpoints)) {
      assertThat(merge(mapped, rows, groups)).isEqualTo(merge(memory, rows, groups));
    }
  }

  @Test
  void everyFiniteFloat16IsWidenedExactly() {
    float[] values = new float[2 * 0x7c00 + 1];
    for (int half = 0; half < 0x7c00; half++) {
      values[2 * half] = Float.intBitsToFloat(HalfPrecision.fromFloat16((short) half));
      values[2 * half + 1] = -values[2 * half];
    }
    // Each at an even and at an odd place of the memory, and of a block.
    float[] shifted = new float[values.length];
    System.arraycopy(values, 0, shifted, 1, values.length - 1);
    try (CheckpointWindow window =
        CheckpointWindow.builder(values.length)
            .capacity(4)
            .dataType(CheckpointDataType.FLOAT16)
            .build()) {
      for (int k = 0; k < 4; k++) {
        window.record(k + 1, Nd4j.createFromArray(k < 2 ? values : shifted));
      }
      double[][] rows = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}};
      float[] merged = merge(window, rows, ParameterGroups.whole(values.length));
      for (int b = 0; b < 4; b++) {
        for (int i = 0; i < values.length; i++) {
          float expected = (b < 2 ? values : shifted)[i];
          // Sums begin at 0, so that -0 becomes 0.
          if (merged[b * values.length + i] != expected) {
            assertThat(merged[b * values.length + i])
                .as("candidate %d, parameter %d", b, i)
                .isEqualTo(expected);
          }
        }
      }
    }
  }
}
