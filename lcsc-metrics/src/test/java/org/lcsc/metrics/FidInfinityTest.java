package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lcsc.io.HostArrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class FidInfinityTest {

  private static final int DIMENSION = 16;

  private static FrechetDistance.Reference standard() {
    double[] identity = new double[DIMENSION * DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      identity[i * DIMENSION + i] = 1;
    }
    return FrechetDistance.against(
        FeatureMoments.of(FeatureMoments.UNKNOWN_COUNT, new double[DIMENSION], identity));
  }

  private static INDArray normal(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count * DIMENSION];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Nd4j.create(values, new long[] {count, DIMENSION}, 'c');
  }

  @Test
  void removesTheBiasOfFewSamples() {
    FrechetDistance.Reference reference = standard();
    INDArray samples = normal(1, 600);
    FrechetDistance.Accumulator all = reference.accumulator(600);
    all.add(HostArrays.floats(samples));
    // The true distance is 0; that of 600 samples is about (D + D (D + 1) / 4) / N = 0.14.
    double biased = all.distance();
    FidInfinity estimate = FidInfinity.of(reference, samples, FidInfinity.POINTS, 100, 3);
    assertThat(biased).isBetween(0.08, 0.25);
    assertThat(estimate.value()).isCloseTo(0, within(biased / 3));
    assertThat(estimate.slope()).isBetween(40.0, 160.0);
  }

  @Test
  void theSeedDecidesTheSubsets() {
    INDArray samples = normal(2, 300);
    FidInfinity first = FidInfinity.of(standard(), samples, 5, 50, 1);
    assertThat(FidInfinity.of(standard(), samples, 5, 50, 1)).isEqualTo(first);
    assertThat(FidInfinity.of(standard(), samples, 5, 50, 2)).isNotEqualTo(first);
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    INDArray samples = normal(2, 30);
    assertThatThrownBy(() -> FidInfinity.of(standard(), samples, 5, 30, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("30 of 30 samples");
    assertThatThrownBy(() -> FidInfinity.of(standard(), Nd4j.ones(9, 3), 5, 3, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[N, 16], got [9, 3]");
  }
}
