package org.lcsc.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class LongVectorsTest {

  private static INDArray vector() {
    return Nd4j.arange(10).castTo(DataType.FLOAT).addi(1);
  }

  @Test
  void partsGiveWhatTheWholeGives() {
    INDArray whole = vector();
    LongVectors.average(whole, 0.75f, vector().muli(-3));
    assertThat(whole.toFloatVector()).startsWith(0, 0, 0);
    for (long part : new long[] {1, 3, 5, 10, 11}) {
      INDArray parted = vector();
      LongVectors.average(parted, 0.25f, vector().muli(5), part);
      assertThat(parted.toFloatVector())
          .as("parts of %d", part)
          .isEqualTo(vector().muli(4).toFloatVector());
    }
  }

  @Test
  void oneValueInAnyPartIsSeen() {
    for (long part : new long[] {1, 3, 10}) {
      assertThat(LongVectors.areFinite(vector(), part)).isTrue();
      for (int at = 0; at < 10; at++) {
        for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
          INDArray broken = vector();
          broken.putScalar(at, value);
          assertThat(LongVectors.areFinite(broken, part))
              .as("%d of parts of %d", at, part)
              .isFalse();
        }
      }
    }
  }
}
