package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lcsc.io.HostArrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Gradients of the distances against central differences; both accumulate in double precision. */
class FeatureDistanceTest {

  /** A power of two, so that a feature plus or minus it is exact in float. */
  private static final float STEP = 1f / 256;

  private static float[] normal(long seed, int rows, int dimension, double scale, double shift) {
    Random random = new Random(seed);
    float[] values = new float[rows * dimension];
    for (int i = 0; i < values.length; i++) {
      // Multiples of the step, and unlike in every dimension.
      double value = shift + scale * (1 + 0.2 * (i % dimension)) * random.nextGaussian();
      values[i] = Math.round(value / STEP) * STEP;
    }
    return values;
  }

  private static FrechetDistance.Reference frechet(float[] rows, int dimension) {
    FeatureStatistics statistics = new FeatureStatistics(dimension);
    statistics.add(rows);
    return FrechetDistance.against(statistics.moments());
  }

  private static void check(FeatureDistance distance, float[] features, double tolerance) {
    float[] gradient = new float[features.length];
    double value = distance.gradient(features, gradient);
    assertThat(value).isEqualTo(distance.distance(features)).isNotZero();
    double largest = 0;
    for (float slope : gradient) {
      largest = Math.max(largest, Math.abs(slope));
    }
    for (int i = 0; i < features.length; i += 7) {
      float kept = features[i];
      features[i] = kept + STEP;
      double above = distance.distance(features);
      features[i] = kept - STEP;
      double below = distance.distance(features);
      features[i] = kept;
      assertThat((double) gradient[i])
          .as("%s, feature %d", distance.name(), i)
          .isCloseTo((above - below) / (2 * STEP), within(tolerance * largest));
    }
  }

  @Test
  void gradientOfTheFrechetDistance() {
    FrechetDistance.Reference real = frechet(normal(1, 200, 5, 1, 0), 5);
    check(real, normal(2, 60, 5, 1.5, 0.7), 1e-4);
    assertThat(real.name()).isEqualTo("fid");
  }

  @Test
  void gradientWhereTheSamplesAreFewerThanTheFeatures() {
    FrechetDistance.Reference real = frechet(normal(1, 200, 12, 1, 0), 12);
    check(real, normal(2, 6, 12, 1.5, 0.7), 1e-3);
  }

  @Test
  void gradientWhereTheReferenceIsSingular() {
    check(frechet(normal(1, 5, 9, 1, 0), 9), normal(2, 40, 9, 1.5, 0.7), 1e-3);
  }

  @Test
  void gradientWhereBothAreSingular() {
    check(frechet(normal(1, 5, 12, 1, 0), 12), normal(2, 8, 12, 1.5, 0.7), 1e-3);
  }

  @Test
  void gradientAgainstAReferenceWithoutVariance() {
    float[] constant = new float[30];
    check(frechet(constant, 3), normal(2, 20, 3, 1, 0.5), 1e-4);
  }

  @Test
  void gradientOfTheGeometricMeanOfTwoDistances() {
    FrechetDistance.Reference wide = frechet(normal(1, 200, 3, 1, 0), 3);
    FrechetDistance.Reference narrow = frechet(normal(3, 200, 2, 0.1, 0), 2);
    GeometricMeanDistance mixed = new GeometricMeanDistance(List.of(wide, narrow));
    float[] features = normal(2, 60, 5, 1.5, 0.7);
    check(mixed, features, 1e-4);
    float[] first = new float[60 * 3];
    float[] second = new float[60 * 2];
    for (int i = 0; i < features.length; i++) {
      if (i % 5 < 3) {
        first[i / 5 * 3 + i % 5] = features[i];
      } else {
        second[i / 5 * 2 + i % 5 - 3] = features[i];
      }
    }
    assertThat(mixed.distance(features))
        .isCloseTo(Math.sqrt(wide.distance(first) * narrow.distance(second)), within(1e-9));
  }

  @Test
  void gradientOfTheKernelDistance() {
    INDArray real = Nd4j.create(normal(1, 300, 5, 1, 0), new long[] {300, 5}, 'c');
    FeatureDistance distance = KernelDistance.against(real);
    // More samples than a block of rows, so that the blocks are joined.
    float[] features = normal(2, 290, 5, 1.5, 0.7);
    check(distance, features, 1e-3);
    assertThat(distance.name()).isEqualTo("kid");
    INDArray generated = Nd4j.create(features, new long[] {290, 5}, 'c');
    double expected = KernelDistance.between(generated, real);
    assertThat(distance.distance(features)).isCloseTo(expected, within(1e-10 * expected));
  }

  @Test
  void gradientOfTheSlicedDistance() {
    INDArray real = Nd4j.create(normal(1, 300, 5, 1, 0), new long[] {300, 5}, 'c');
    // More directions than a block.
    FeatureDistance distance = SlicedDistance.against(real, 70, 3);
    // Where two projections change places on the way, the slope is that before and after.
    check(distance, normal(2, 40, 5, 1.5, 0.7), 2e-2);
    assertThat(distance.name()).isEqualTo("mind");
    float[] features = normal(4, 300, 5, 1.5, 0.7);
    INDArray generated = Nd4j.create(features, new long[] {300, 5}, 'c');
    double expected = SlicedDistance.between(generated, real, 70, 3);
    assertThat(distance.distance(features)).isCloseTo(expected, within(1e-10 * expected));
    assertThat(distance.distance(HostArrays.floats(real))).isZero();
  }

  @Test
  void slicesCompareQuantilesWhereTheNumbersDiffer() {
    INDArray real = Nd4j.createFromArray(0f, 1f, 2f, 3f, 4f, 5f).reshape(6, 1);
    // Quantiles at 1/4 and 3/4 of six: the second and the fifth.
    FeatureDistance distance = SlicedDistance.against(real, 1, 3);
    assertThat(distance.distance(new float[] {4, 1})).isZero();
    assertThat(distance.distance(new float[] {4, 3})).isEqualTo(3.0 / 2 * 4);
  }

  @Test
  void aFeatureThatIsNotFiniteGivesNan() {
    float[] real = normal(1, 50, 4, 1, 0);
    float[] broken = normal(2, 20, 4, 1, 0);
    broken[7] = Float.NaN;
    INDArray rows = Nd4j.create(real, new long[] {50, 4}, 'c');
    for (FeatureDistance distance :
        new FeatureDistance[] {
          frechet(real, 4), KernelDistance.against(rows), SlicedDistance.against(rows, 3, 1)
        }) {
      assertThat(distance.distance(broken)).as(distance.name()).isNaN();
      assertThat(distance.gradient(broken, new float[80])).as(distance.name()).isNaN();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> distance.distance(new float[7]))
          .withMessageContaining("whole rows of 4");
    }
  }
}
