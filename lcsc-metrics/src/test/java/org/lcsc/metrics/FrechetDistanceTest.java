package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FrechetDistanceTest {

  /** Rows of numpy's RandomState(1).randn(4, 4), twice: 4 samples of 4 features, singular. */
  private static final double[] SINGULAR_1 = {
    1.6243453636632417, -0.6117564136500754, -0.5281717522634557, -1.0729686221561705,
    0.8654076293246785, -2.3015386968802827, 1.74481176421648, -0.7612069008951028,
    0.31903909605709857, -0.2493703754774101, 1.462107937044974, -2.060140709497654,
    -0.3224172040135075, -0.38405435466841564, 1.1337694423354374, -1.0998912673140309
  };

  private static final double[] SINGULAR_2 = {
    -0.17242820755043575, -0.8778584179213718, 0.04221374671559283, 0.5828152137158222,
    -1.1006191772129212, 1.1447237098396141, 0.9015907205927955, 0.5024943389018682,
    0.9008559492644118, -0.6837278591743331, -0.12289022551864817, -0.9357694342590688,
    -0.2678880796260159, 0.530355466738186, -0.691660751725309, -0.39675352685597737
  };

  private static FeatureMoments gaussian(double[] mean, double... covariance) {
    return FeatureMoments.of(FeatureMoments.UNKNOWN_COUNT, mean, covariance);
  }

  private static FeatureMoments ofRows(int dimension, double... values) {
    FeatureStatistics statistics = new FeatureStatistics(dimension);
    int rows = values.length / dimension;
    statistics.add(org.nd4j.linalg.factory.Nd4j.create(values, new long[] {rows, dimension}, 'c'));
    return statistics.moments();
  }

  private static double between(FeatureMoments first, FeatureMoments second) {
    return FrechetDistance.against(first).distance(second);
  }

  @Test
  void oneDimensionalClosedForm() {
    FeatureMoments standard = gaussian(new double[] {0}, 1);
    FeatureMoments other = gaussian(new double[] {3}, 4);
    // (0 - 3)^2 + (1 - 2)^2
    assertThat(between(standard, other)).isCloseTo(10, within(1e-12));
  }

  @Test
  void twoDimensionalClosedForm() {
    FeatureMoments a = gaussian(new double[] {0, 0}, 2, 0.5, 0.5, 1);
    FeatureMoments b = gaussian(new double[] {1, 3}, 1, -0.3, -0.3, 3);
    assertThat(between(a, b)).isCloseTo(10.9293118550, within(1e-9));
  }

  @Test
  void smallSampleSets() {
    FeatureMoments x = ofRows(2, 0, 0, 1, 0, 0, 2, 2, 3, 4, 1);
    FeatureMoments y = ofRows(2, 1, 1, 2, 0, 3, 4, 0, 1, 1, 5);
    assertThat(between(x, y)).isCloseTo(2.0385290237, within(1e-9));
  }

  @Test
  void singularCovariances() {
    FeatureMoments first = ofRows(4, SINGULAR_1);
    FeatureMoments second = ofRows(4, SINGULAR_2);
    assertThat(between(first, second)).isCloseTo(4.7538376175, within(1e-7));
    assertThat(between(second, first)).isCloseTo(4.7538376175, within(1e-7));
  }

  @Test
  void equalsScipyOnWaves() {
    int dimension = 40;
    int count = 90;
    double[] a = new double[count * dimension];
    double[] b = new double[count * dimension];
    for (int n = 0; n < count; n++) {
      for (int j = 0; j < dimension; j++) {
        a[n * dimension + j] = Math.sin(0.7 * n + 0.31 * j * n + j * j) + 0.02 * j;
        b[n * dimension + j] =
            Math.cos(0.4 * n + 0.17 * j * n + 0.5 * j) * 1.3 + 0.01 * j * j / dimension;
      }
    }
    // scipy.linalg.sqrtm(S1 @ S2) in float64.
    assertThat(between(ofRows(dimension, a), ofRows(dimension, b)))
        .isCloseTo(13.117966048203485, within(1e-6));
  }

  @Test
  void inceptionSizedIdentityCovariances() {
    int dimension = 2048;
    double[] identity = new double[dimension * dimension];
    for (int i = 0; i < dimension; i++) {
      identity[i * dimension + i] = 1;
    }
    double[] ones = new double[dimension];
    Arrays.fill(ones, 1);
    double distance = between(gaussian(new double[dimension], identity), gaussian(ones, identity));
    assertThat(distance).isCloseTo(2048, within(1e-8));
  }

  @Test
  void distanceToItselfIsZeroUpToRounding() {
    FeatureMoments moments = Gaussians.streamed(Gaussians.rows(1, 500, 64, 2));
    // At worst 2 D sqrt(eps) of the largest variance; here the spectrum is benign.
    assertThat(between(moments, moments)).isBetween(0.0, 1e-10 * moments.trace());
    FeatureMoments singular = Gaussians.streamed(Gaussians.rows(1, 20, 64, 2));
    assertThat(between(singular, singular)).isBetween(0.0, 2 * 64 * 1.5e-8 * singular.trace());
  }

  @Test
  void symmetricInItsArguments() {
    FeatureMoments a = Gaussians.streamed(Gaussians.rows(1, 300, 32, 0));
    FeatureMoments b = Gaussians.streamed(Gaussians.rows(2, 300, 32, 0.3));
    double forward = between(a, b);
    assertThat(forward).isGreaterThan(1);
    assertThat(between(b, a)).isCloseTo(forward, within(1e-10 * forward));
  }

  @Test
  void unchangedByJointRotation() {
    float[][] first = Gaussians.rows(3, 300, 12, 0);
    float[][] second = Gaussians.rows(4, 300, 12, 0.4);
    double before = between(Gaussians.twoPass(first), Gaussians.twoPass(second));
    double after = between(rotated(first), rotated(second));
    assertThat(after).isCloseTo(before, within(1e-10 * before));
  }

  /** Moments after Givens rotations of every pair of neighbouring axes. */
  private static FeatureMoments rotated(float[][] rows) {
    int dimension = rows[0].length;
    double[] values = new double[rows.length * dimension];
    for (int row = 0; row < rows.length; row++) {
      for (int j = 0; j < dimension; j++) {
        values[row * dimension + j] = rows[row][j];
      }
      for (int j = 0; j + 1 < dimension; j++) {
        double angle = 0.4 + 0.3 * j;
        int at = row * dimension + j;
        double x = values[at];
        double y = values[at + 1];
        values[at] = Math.cos(angle) * x - Math.sin(angle) * y;
        values[at + 1] = Math.sin(angle) * x + Math.cos(angle) * y;
      }
    }
    return ofRows(dimension, values);
  }

  @Test
  void constantFeaturesLeaveTheOtherTrace() {
    FeatureMoments point = gaussian(new double[] {1, 1}, 0, 0, 0, 0);
    FeatureMoments spread = gaussian(new double[] {0, 0}, 2, 0, 0, 3);
    assertThat(between(point, spread)).isEqualTo(7);
    assertThat(between(spread, point)).isCloseTo(7, within(1e-12));
  }

  @Test
  void repeatsBitForBit() {
    FrechetDistance.Reference reference =
        FrechetDistance.against(Gaussians.streamed(Gaussians.rows(5, 400, 64, 0)));
    FeatureMoments generated = Gaussians.streamed(Gaussians.rows(6, 400, 64, 0.1));
    double first = reference.distance(generated);
    for (int i = 0; i < 5; i++) {
      assertThat(reference.distance(generated)).isEqualTo(first);
    }
  }

  @Test
  void nonFiniteMomentsGiveNan() {
    FrechetDistance.Reference reference =
        FrechetDistance.against(gaussian(new double[] {0, 0}, 1, 0, 0, 1));
    assertThat(reference.distance(gaussian(new double[] {Double.NaN, 0}, 1, 0, 0, 1))).isNaN();
    assertThat(reference.distance(gaussian(new double[] {0, 0}, Double.POSITIVE_INFINITY, 0, 0, 1)))
        .isNaN();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrechetDistance.against(gaussian(new double[] {Double.NaN}, 1)))
        .withMessageContaining("NaN");
  }

  @Test
  void refusesOtherDimension() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> between(gaussian(new double[] {0}, 1), gaussian(new double[2], 1, 0, 0, 1)))
        .withMessageContaining("2 features")
        .withMessageContaining("reference of 1");
  }

  @Test
  void warnsOnceOfTooFewSamples() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger logger = (Logger) LoggerFactory.getLogger(FrechetDistance.class);
    logger.addAppender(log);
    try {
      FrechetDistance.Reference reference =
          FrechetDistance.against(Gaussians.streamed(Gaussians.rows(1, 50, 8, 0)));
      reference.distance(Gaussians.streamed(Gaussians.rows(2, 8, 8, 0)));
      assertThat(log.list).isEmpty();
      reference.distance(Gaussians.streamed(Gaussians.rows(2, 7, 8, 0)));
      reference.distance(Gaussians.streamed(Gaussians.rows(2, 6, 8, 0)));
      assertThat(log.list).hasSize(1);
      assertThat(log.list.get(0).getFormattedMessage()).contains("7 samples in 8 features");
      FrechetDistance.Accumulator few = FrechetDistance.against(reference.moments()).accumulator(2);
      few.add(new float[16]);
      few.distance();
      assertThat(log.list).hasSize(2);
    } finally {
      logger.detachAppender(log);
    }
  }

  @Test
  void announcedSamplesGiveTheDistanceOfTheirMomentsHoweverFewTheyAre() {
    FrechetDistance.Reference reference =
        FrechetDistance.against(Gaussians.streamed(Gaussians.rows(5, 60, 6, 0)));
    // Below six the samples themselves are kept, from six on their moments.
    for (int samples : new int[] {2, 5, 6, 9}) {
      float[][] rows = Gaussians.rows(6, samples, 6, 0.4);
      FrechetDistance.Accumulator accumulator = reference.accumulator(samples);
      float[] first = rows[0];
      accumulator.add(first);
      float[] others = new float[(samples - 1) * 6];
      for (int i = 1; i < samples; i++) {
        System.arraycopy(rows[i], 0, others, (i - 1) * 6, 6);
      }
      accumulator.add(others);
      double expected = reference.distance(Gaussians.twoPass(rows));
      assertThat(accumulator.distance())
          .as("%d samples", samples)
          .isCloseTo(expected, within(1e-6 * expected));
    }
    assertThat(reference.moments().dimension()).isEqualTo(6);
  }

  @Test
  void otherSamplesThanAnnouncedAreRefused() {
    FrechetDistance.Reference reference =
        FrechetDistance.against(Gaussians.streamed(Gaussians.rows(5, 60, 3, 0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reference.accumulator(1))
        .withMessage("samples must be at least 2, got 1");
    FrechetDistance.Accumulator accumulator = reference.accumulator(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> accumulator.add(new float[4]))
        .withMessage("Features must be whole rows of 3, got 4 values");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> accumulator.add(new float[9]))
        .withMessage("more than the announced 2 samples");
    accumulator.add(new float[3]);
    assertThatIllegalStateException()
        .isThrownBy(accumulator::distance)
        .withMessage("announced 2 samples, got 1");
    accumulator.add(new float[] {1, Float.NaN, 1});
    assertThat(accumulator.distance()).isNaN();
  }

  @Test
  void theGradientInOneDimensionHasAClosedFormInEveryBlockOfRows() {
    FrechetDistance.Reference reference = FrechetDistance.against(gaussian(new double[] {3}, 4));
    int count = 2100; // more than a block
    float[] features = new float[count];
    double mean = 0;
    for (int i = 0; i < count; i++) {
      features[i] = i % 17 - i % 5;
      mean += (double) features[i] / count;
    }
    double squares = 0;
    for (float feature : features) {
      squares += (feature - mean) * (feature - mean);
    }
    double deviation = Math.sqrt(squares / (count - 1));
    float[] gradient = new float[count];
    // (m - 3)^2 + (s - 2)^2
    assertThat(reference.gradient(features, gradient))
        .isCloseTo(Math.pow(mean - 3, 2) + Math.pow(deviation - 2, 2), within(1e-9));
    for (int i = 0; i < count; i++) {
      double slope =
          2 * (mean - 3) / count
              + 2 * (deviation - 2) * (features[i] - mean) / ((count - 1) * deviation);
      assertThat((double) gradient[i]).as("row %d", i).isCloseTo(slope, within(1e-8));
    }
  }
}
