package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class FeatureStatisticsTest {

  private static final int ROWS = 1300;
  private static final int DIMENSION = 24;

  @Test
  void equalsTwoPassMomentsAcrossBlocks() {
    float[][] rows = Gaussians.rows(1, ROWS, DIMENSION, 0.5);
    assertClose(Gaussians.streamed(rows), Gaussians.twoPass(rows), within(1e-12));
  }

  @Test
  void largeMeanCostsNoPrecision() {
    // Float rows about 10,000 have exact differences; the naive E[x^2] - E[x]^2 loses 8 digits.
    float[][] rows = Gaussians.rows(2, ROWS, DIMENSION, 10_000);
    assertClose(Gaussians.streamed(rows), Gaussians.twoPass(rows), within(1e-9));
  }

  @Test
  void batchSizeDoesNotMatterBitForBit() {
    float[][] rows = Gaussians.rows(3, ROWS, DIMENSION, 1);
    FeatureMoments whole = Gaussians.streamed(rows);
    for (int batch : new int[] {1, 100, 511, 513, 1299}) {
      FeatureStatistics statistics = new FeatureStatistics(DIMENSION);
      for (int first = 0; first < ROWS; first += batch) {
        statistics.add(Gaussians.array(rows, first, Math.min(ROWS, first + batch)));
      }
      assertThat(statistics.count()).isEqualTo(ROWS);
      assertThat(statistics.moments().covariance())
          .as("batch size %d", batch)
          .containsExactly(whole.covariance());
      assertThat(statistics.moments().mean()).containsExactly(whole.mean());
    }
  }

  @Test
  void readingMomentsDoesNotDisturbAccumulation() {
    float[][] rows = Gaussians.rows(4, ROWS, DIMENSION, 1);
    FeatureStatistics statistics = new FeatureStatistics(DIMENSION);
    statistics.add(Gaussians.array(rows, 0, 700));
    assertClose(
        statistics.moments(), Gaussians.twoPass(java.util.Arrays.copyOf(rows, 700)), within(1e-12));
    statistics.add(Gaussians.array(rows, 700, ROWS));
    assertThat(statistics.moments().covariance())
        .containsExactly(Gaussians.streamed(rows).covariance());
  }

  @Test
  void acceptsViewsDoublesAndColumnMajorArrays() {
    float[][] rows = Gaussians.rows(6, 40, 5, 1);
    double[] expected = Gaussians.streamed(rows).covariance();
    INDArray plain = Gaussians.array(rows, 0, 40);
    INDArray wide = Nd4j.create(DataType.FLOAT, 80, 5);
    wide.get(org.nd4j.linalg.indexing.NDArrayIndex.interval(20, 60)).assign(plain);
    for (INDArray layout :
        List.of(
            plain.dup('f'),
            plain.castTo(DataType.DOUBLE),
            plain.transpose().dup('c').transpose(),
            wide.get(org.nd4j.linalg.indexing.NDArrayIndex.interval(20, 60)))) {
      FeatureStatistics statistics = new FeatureStatistics(5);
      statistics.add(layout);
      assertThat(statistics.moments().covariance()).containsExactly(expected);
    }
  }

  @Test
  void covarianceIsExactlySymmetric() {
    double[] covariance = Gaussians.streamed(Gaussians.rows(7, ROWS, DIMENSION, 1)).covariance();
    for (int i = 0; i < DIMENSION; i++) {
      for (int j = 0; j < i; j++) {
        assertThat(covariance[i * DIMENSION + j]).isEqualTo(covariance[j * DIMENSION + i]);
      }
    }
  }

  @Test
  void refusesWhatItCannotUse() {
    FeatureStatistics statistics = new FeatureStatistics(3);
    assertThatIllegalStateException()
        .isThrownBy(statistics::moments)
        .withMessageContaining("at least 2 samples, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> statistics.add(Nd4j.zeros(DataType.FLOAT, 2, 4)))
        .withMessageContaining("[N, 3], got [2, 4]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> statistics.add(new float[4]))
        .withMessageContaining("whole rows of 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FeatureStatistics(0))
        .withMessageContaining("got 0");
  }

  private static void assertClose(
      FeatureMoments actual, FeatureMoments expected, Offset<Double> tolerance) {
    assertThat(actual.count()).isEqualTo(expected.count());
    for (int i = 0; i < actual.dimension(); i++) {
      assertThat(actual.mean()[i]).as("mean[%d]", i).isCloseTo(expected.mean()[i], tolerance);
    }
    double[] covariance = actual.covariance();
    double[] expectedCovariance = expected.covariance();
    for (int i = 0; i < covariance.length; i++) {
      assertThat(covariance[i])
          .as("covariance entry %d", i)
          .isCloseTo(expectedCovariance[i], tolerance);
    }
  }
}
