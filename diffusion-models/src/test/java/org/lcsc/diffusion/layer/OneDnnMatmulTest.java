package org.lcsc.diffusion.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** oneDNN's kept products against libnd4j's in float64. */
class OneDnnMatmulTest {

  private static final double TOLERANCE = 1e-6;

  private static INDArray matrices(SeededNoise noise, int stream, long batch, long n, long m) {
    INDArray values = noise.gaussian(stream, 0, (int) Math.max(1, batch), n, m);
    return batch == 0 ? values.reshape('c', n, m) : values;
  }

  /** Batch 0 stands for plain matrices. */
  @ParameterizedTest
  @CsvSource({
    "0, 64, 64, 32, false, true, 1",
    "0, 5, 7, 3, true, false, 1",
    "0, 1, 9, 4, false, false, -2.5",
    "6, 16, 32, 16, false, true, 0.25",
    "6, 16, 16, 32, false, false, 1",
    "3, 7, 5, 11, true, false, 0.5",
    "1, 4, 4, 4, true, true, 1",
  })
  void equalsThePlainProduct(
      long batch, long rows, long inner, long columns, boolean first, boolean second, double by) {
    SeededNoise noise = new SeededNoise(rows + columns);
    INDArray a = matrices(noise, 0, batch, first ? inner : rows, first ? rows : inner);
    INDArray b = matrices(noise, 1, batch, second ? columns : inner, second ? inner : columns);
    INDArray found = matrices(noise, 2, batch, rows, columns);
    assumeTrue(OneDnn.takes(a), "no oneDNN for this platform");
    assertThat(OneDnnMatmul.takes(a, b, found)).isTrue();

    INDArray expected = Nd4j.create(DataType.DOUBLE, found.shape());
    RowOps.matmul(
        a.castTo(DataType.DOUBLE), b.castTo(DataType.DOUBLE), expected, first, second, by);
    for (int repeat = 0; repeat < 2; repeat++) {
      RowOps.matmul(a, b, found, first, second, by);
      double difference = found.castTo(DataType.DOUBLE).sub(expected).norm2Number().doubleValue();
      assertThat(difference / expected.norm2Number().doubleValue()).isLessThan(TOLERANCE);
    }
  }

  @Test
  void leavesViewsThatAreNotDenseToLibnd4j() {
    INDArray wide = new SeededNoise(1).gaussian(0, 0, 4, 6);
    INDArray view = wide.get(NDArrayIndex.all(), NDArrayIndex.interval(1, 4));
    INDArray b = new SeededNoise(1).gaussian(1, 0, 3, 2);
    INDArray found = Nd4j.create(DataType.FLOAT, 4, 2);
    assertThat(OneDnnMatmul.takes(view, b, found)).isFalse();
    RowOps.matmul(view, b, found, false, false, 1);
    INDArray dense = Nd4j.create(DataType.FLOAT, 4, 2);
    RowOps.matmul(view.dup('c'), b, dense, false, false, 1);
    assertThat(found.sub(dense).norm2Number().doubleValue()).isLessThan(1e-5);
  }
}
