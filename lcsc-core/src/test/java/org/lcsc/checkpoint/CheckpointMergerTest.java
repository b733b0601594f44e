package org.lcsc.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.lcsc.checkpoint.ParameterGroups.Segment;
import org.lcsc.objective.TimeRanges;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Mergers of a window of two checkpoints of three parameters; all numbers are exact in float32. */
class CheckpointMergerTest {

  private static final ParameterGroups GROUPS =
      new ParameterGroups(
          List.of("body", "head"), List.of(new Segment(0, 0, 2), new Segment(1, 2, 3)));
  private static final TimeRanges RANGES = new TimeRanges(List.of(0.5));

  private final CheckpointWindow window = CheckpointWindow.builder(3).capacity(2).build();

  CheckpointMergerTest() {
    window.record(4, Nd4j.createFromArray(1f, 2f, 4f));
    window.record(9, Nd4j.createFromArray(3f, 8f, 16f));
  }

  @AfterEach
  void close() {
    window.close();
  }

  private static float[][] merged(CheckpointMerger merger, double[]... coefficients) {
    INDArray out = Nd4j.create(DataType.FLOAT, coefficients.length, merger.parameters());
    merger.merge(coefficients, out);
    return out.toFloatMatrix();
  }

  @Test
  void aWindowIsMergedAsAWhole() {
    CheckpointMerger merger = CheckpointMerger.of(window);
    assertThat(merger.size()).isEqualTo(2);
    assertThat(merger.groups()).isEqualTo(1);
    assertThat(merger.grouping()).isEmpty();
    assertThat(merger.iterations()).containsExactly(4, 9);
    assertThat(merger.checksums()).hasSize(2).isEqualTo(window.checksums());
    assertThat(merger.parameters()).isEqualTo(3);
    assertThat(merged(merger, new double[] {2, -1}, new double[] {0, 1}))
        .isDeepEqualTo(new float[][] {{-1, -4, -8}, {3, 8, 16}});
    assertThat(merger.dot(Nd4j.createFromArray(1f, 0f, -1f))).containsExactly(-3, -13);
    // Differences from the mean: -(1, 3, 6) and (1, 3, 6).
    assertThat(merger.centredGrams()).isDeepEqualTo(new double[][][] {{{46, -46}, {-46, 46}}});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> merger.dot(Nd4j.createFromArray(1f, 0f, 0f, 0f)))
        .withMessage("the vector of this window has 3 parameters, got an array of shape [4]");
    assertThat(GROUPS.segmentsOf(1)).containsExactly(new Segment(1, 2, 3));
  }

  @Test
  void groupsHaveCoefficientsOfTheirOwn() {
    CheckpointMerger merger = CheckpointMerger.of(window, GROUPS, TimeRanges.ONE);
    assertThat(merger.groups()).isEqualTo(2);
    assertThat(merger.grouping()).isEqualTo("body, head, partition e93e1");
    assertThat(merged(merger, new double[] {1, 0, 0, 1})).isDeepEqualTo(new float[][] {{1, 2, 16}});
    assertThat(merger.dot(Nd4j.createFromArray(1f, 1f, 1f))).containsExactly(3, 11, 4, 16);
    assertThat(merger.centredGrams())
        .isDeepEqualTo(new double[][][] {{{10, -10}, {-10, 10}}, {{36, -36}, {-36, 36}}});
  }

  @Test
  void everyTimeRangeHasAModelOfItsOwn() {
    CheckpointMerger merger = CheckpointMerger.of(window, ParameterGroups.whole(3), RANGES);
    assertThat(merger.size()).isEqualTo(2);
    assertThat(merger.groups()).isEqualTo(2);
    assertThat(merger.grouping()).isEqualTo("time ranges [0.5]");
    assertThat(merger.iterations()).containsExactly(4, 9);
    assertThat(merger.checksums()).hasSize(2).isEqualTo(window.checksums());
    assertThat(merger.parameters()).isEqualTo(6);
    assertThat(merged(merger, new double[] {1, 0, 0, 1}, new double[] {2, 0, 1, 1}))
        .isDeepEqualTo(new float[][] {{1, 2, 4, 3, 8, 16}, {2, 4, 8, 4, 10, 20}});
    assertThat(merger.dot(Nd4j.createFromArray(1f, 0f, 0f, 0f, 1f, 0f)))
        .containsExactly(1, 3, 2, 8);
    double[][] gram = {{46, -46}, {-46, 46}};
    assertThat(merger.centredGrams()).isDeepEqualTo(new double[][][] {gram, gram});
  }

  @Test
  void groupsWithinTimeRangesComeRangeByRange() {
    CheckpointMerger merger = CheckpointMerger.of(window, GROUPS, RANGES);
    assertThat(merger.groups()).isEqualTo(4);
    assertThat(merger.grouping()).startsWith("time ranges [0.5], each body, head, partition ");
    assertThat(merged(merger, new double[] {1, 0, 0, 1, 0, 1, 1, 0}))
        .isDeepEqualTo(new float[][] {{1, 2, 16, 3, 8, 4}});
    assertThat(merger.dot(Nd4j.createFromArray(1f, 0f, 0f, 0f, 0f, 1f)))
        .containsExactly(1, 3, 0, 0, 0, 0, 4, 16);
    assertThat(merger.centredGrams()).hasNumberOfRows(4);
    assertThat(merger.centredGrams()[3][0]).containsExactly(36, -36);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> merged(merger, new double[4]))
        .withMessage("expected 8 coefficients for 2 time ranges, got 4");
  }

  @Test
  void aMergerOfOnesOwnHasOneGroupAndNoChecksums() {
    CheckpointMerger own =
        new CheckpointMerger() {
          @Override
          public int size() {
            return 1;
          }

          @Override
          public long[] iterations() {
            return new long[1];
          }

          @Override
          public long parameters() {
            return 1;
          }

          @Override
          public void merge(double[][] coefficients, INDArray out) {}

          @Override
          public double[] dot(INDArray vector) {
            return new double[1];
          }

          @Override
          public double[][][] centredGrams() {
            return new double[1][1][1];
          }
        };
    assertThat(own.groups()).isEqualTo(1);
    assertThat(own.grouping()).isEmpty();
    assertThat(own.checksums()).isEmpty();
  }
}
