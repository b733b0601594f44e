package org.lcsc.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;

class CentredGramTest {

  @ParameterizedTest
  @CsvSource({"FLOAT32, 5", "FLOAT32, 40000", "BFLOAT16, 20000"})
  void equalsTheInnerProductsOfTheStoredCheckpointsLessTheirMean(
      CheckpointDataType type, int parameters) {
    Random random = new Random(7);
    try (CheckpointWindow window =
        CheckpointWindow.builder(parameters).capacity(4).dataType(type).build()) {
      float[] position = new float[parameters];
      for (int i = 0; i < parameters; i++) {
        // Large weights and small steps: without centring, float32 would lose the steps.
        position[i] = (float) (30 * random.nextGaussian());
      }
      // Six into four slots: the order of the slots is not that of the checkpoints.
      for (int k = 1; k <= 6; k++) {
        for (int i = 0; i < parameters; i++) {
          position[i] += (float) (0.05 * random.nextGaussian());
        }
        window.record(k, Nd4j.createFromArray(position));
      }
      double[][] expected = expected(window, parameters);
      double[][] gram = window.centredGrams(ParameterGroups.whole(window.parameters()))[0];
      assertThat(gram).hasDimensions(4, 4);
      for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
          assertThat(gram[i][j])
              .as("%d, %d", i, j)
              .isEqualTo(gram[j][i])
              .isCloseTo(expected[i][j], within(1e-3 * expected[0][0]));
        }
      }
    }
  }

  private static double[][] expected(CheckpointWindow window, int parameters) {
    double[][] rows = new double[4][];
    double[] mean = new double[parameters];
    for (int k = 0; k < 4; k++) {
      rows[k] = window.checkpoint(k).data().asDouble();
      for (int i = 0; i < parameters; i++) {
        mean[i] += rows[k][i] / 4;
      }
    }
    double[][] gram = new double[4][4];
    for (int a = 0; a < 4; a++) {
      for (int b = 0; b < 4; b++) {
        for (int i = 0; i < parameters; i++) {
          gram[a][b] += (rows[a][i] - mean[i]) * (rows[b][i] - mean[i]);
        }
      }
    }
    return gram;
  }
}
