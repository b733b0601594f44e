package org.lcsc.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.lcsc.io.HostArrays;
import org.nd4j.linalg.factory.Nd4j;

class SeededNoiseTest {

  private static final int DRAWS = 1 << 20;

  private static final float[] PINNED_FIRST = {-0.31879136f, -0.6755762f, -0.30580118f, 1.1268263f};
  private static final float[] PINNED_FAR = {-0.13603455f, 0.090798005f, -2.231816f, -1.1275374f};
  private static final int[] PINNED_INTS = {3, 1, 4, 6, 3, 4, 4, 8};

  private static float[] draw(long seed, int stream, long first, int count, long... shape) {
    return HostArrays.floats(new SeededNoise(seed).gaussian(stream, first, count, shape));
  }

  @Test
  void momentsAreThoseOfTheStandardNormal() {
    float[] values = draw(11, 0, 0, DRAWS / 64, 64);
    double[] moments = new double[9];
    for (float value : values) {
      double power = 1;
      for (int k = 1; k <= 8; k++) {
        power *= value;
        moments[k] += power / values.length;
      }
    }
    // Five standard errors: sqrt(Var(x^k) / n) with E x^2k = (2k - 1)!!.
    double unit = 5 / Math.sqrt(values.length);
    assertThat(moments[1]).as("mean").isCloseTo(0, within(unit));
    assertThat(moments[2]).as("variance").isCloseTo(1, within(unit * Math.sqrt(2)));
    assertThat(moments[3]).as("third").isCloseTo(0, within(unit * Math.sqrt(15)));
    assertThat(moments[4]).as("fourth").isCloseTo(3, within(unit * Math.sqrt(96)));
    assertThat(moments[6]).as("sixth").isCloseTo(15, within(unit * Math.sqrt(10170)));
    assertThat(moments[8]).as("eighth").isCloseTo(105, within(unit * Math.sqrt(2016000)));
  }

  @Test
  void distributionFunctionIsNormalInBodyAndTail() {
    float[] values = draw(12, 3, 1000, DRAWS / 16, 16);
    // Phi at the points, from tables of the normal distribution; 3.7 lies beyond the ziggurat's
    // edge.
    double[] points = {-3.0, -1.0, -0.2, 0.0, 0.5, 1.5, 2.5, 3.7};
    double[] expected = {
      0.001349898, 0.158655254, 0.420740291, 0.5, 0.691462461, 0.933192799, 0.993790335, 0.999892200
    };
    for (int i = 0; i < points.length; i++) {
      double point = points[i];
      int below = 0;
      for (float value : values) {
        below += value < point ? 1 : 0;
      }
      double p = expected[i];
      assertThat((double) below / values.length)
          .as("P(x < %s)", point)
          .isCloseTo(p, within(5 * Math.sqrt(p * (1 - p) / values.length)));
    }
  }

  @Test
  void doesNotDependOnTheBatchSize() {
    float[] whole = draw(5, 2, 0, 50, 3, 4, 4);
    for (int batch : new int[] {1, 7, 50}) {
      float[] joined = new float[whole.length];
      for (int first = 0; first < 50; first += batch) {
        int count = Math.min(batch, 50 - first);
        float[] part = draw(5, 2, first, count, 3, 4, 4);
        System.arraycopy(part, 0, joined, first * 48, part.length);
      }
      assertThat(joined).as("batch size %d", batch).containsExactly(whole);
    }
    int[] labels = new SeededNoise(5).uniformInts(1, 0, 20, 10);
    assertThat(new SeededNoise(5).uniformInts(1, 13, 7, 10))
        .containsExactly(Arrays.copyOfRange(labels, 13, 20));
  }

  @Test
  void staysTheSameForEver() {
    // A saved run must resume on the same noise: these values may not change with a later version.
    assertThat(draw(42, 0, 0, 1, 4)).containsExactly(PINNED_FIRST);
    assertThat(draw(-1, 7, 1L << 40, 1, 4)).containsExactly(PINNED_FAR);
    assertThat(new SeededNoise(42).uniformInts(0, 0, 8, 10)).containsExactly(PINNED_INTS);
  }

  @Test
  void neighboursAreUncorrelated() {
    int length = 1 << 17;
    float[] base = draw(100, 4, 10, 1, length);
    double bound = 5 / Math.sqrt(length);
    assertThat(correlation(base, draw(101, 4, 10, 1, length)))
        .as("seed")
        .isCloseTo(0, within(bound));
    assertThat(correlation(base, draw(-100, 4, 10, 1, length)))
        .as("negated seed")
        .isCloseTo(0, within(bound));
    assertThat(correlation(base, draw(100, 5, 10, 1, length)))
        .as("stream")
        .isCloseTo(0, within(bound));
    assertThat(correlation(base, draw(100, 4, 11, 1, length)))
        .as("index")
        .isCloseTo(0, within(bound));
    float[] shifted = Arrays.copyOfRange(base, 1, length);
    assertThat(correlation(Arrays.copyOf(base, length - 1), shifted))
        .as("position")
        .isCloseTo(0, within(bound));
  }

  @Test
  void firstValuesOfConsecutiveSamplesSeedsAndStreamsAreIndependent() {
    int count = 1 << 15;
    float[] bySample = draw(9, 0, 0, count, 1);
    float[] bySeed = new float[count];
    float[] byStream = new float[count];
    for (int i = 0; i < count; i++) {
      bySeed[i] = draw(9 + i, 0, 0, 1, 1)[0];
      byStream[i] = draw(9, i, 0, 1, 1)[0];
    }
    double bound = 5 / Math.sqrt(count);
    for (float[] values : new float[][] {bySample, bySeed, byStream}) {
      float[] later = Arrays.copyOfRange(values, 1, count);
      float[] earlier = Arrays.copyOf(values, count - 1);
      assertThat(correlation(earlier, later)).isCloseTo(0, within(bound));
      assertThat(correlation(squares(earlier), squares(later))).isCloseTo(0, within(bound));
      double variance = 0;
      for (float value : values) {
        variance += value * value / count;
      }
      assertThat(variance).isCloseTo(1, within(bound * Math.sqrt(2)));
    }
  }

  @Test
  void integersAreUniform() {
    int count = 200_000;
    int bound = 7;
    int[] frequencies = new int[bound];
    for (int value : new SeededNoise(3).uniformInts(0, 0, count, bound)) {
      frequencies[value]++;
    }
    double chiSquared = 0;
    double expected = (double) count / bound;
    for (int frequency : frequencies) {
      chiSquared += (frequency - expected) * (frequency - expected) / expected;
    }
    // 6 degrees of freedom: above 27.9 once in 10,000 seeds.
    assertThat(chiSquared).isLessThan(27.9);
    assertThat(new SeededNoise(3).uniformInts(0, 0, 3, 1)).containsExactly(0, 0, 0);
    assertThat(Arrays.stream(new SeededNoise(3).uniformInts(0, 0, 100, Integer.MAX_VALUE)))
        .allMatch(value -> value >= 0)
        .anyMatch(value -> value > Integer.MAX_VALUE / 2);
  }

  @Test
  void shapesAndGlobalGeneratorAreRespected() {
    Nd4j.getRandom().setSeed(1);
    long before = Nd4j.getRandom().rootState();
    assertThat(new SeededNoise(1).gaussian(0, 0, 2, 3, 8, 8).shape()).containsExactly(2, 3, 8, 8);
    assertThat(new SeededNoise(1).gaussian(0, 0, 2).shape()).containsExactly(2);
    assertThat(Nd4j.getRandom().rootState()).isEqualTo(before);
  }

  @Test
  void refusesBadArguments() {
    SeededNoise noise = new SeededNoise(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> noise.gaussian(-1, 0, 1, 2))
        .withMessageContaining("stream must be at least 0, got -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> noise.gaussian(0, -5, 1, 2))
        .withMessageContaining("first must be at least 0, got -5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> noise.gaussian(0, 0, 0, 2))
        .withMessageContaining("count must be at least 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> noise.gaussian(0, 0, 1, 2, 0))
        .withMessageContaining("[2, 0]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> noise.gaussian(0, 0, 100_000, 100_000))
        .withMessageContaining("draw fewer");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> noise.uniformInts(0, 0, 1, 0))
        .withMessageContaining("bound must be at least 1, got 0");
  }

  private static float[] squares(float[] values) {
    float[] squares = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      squares[i] = values[i] * values[i];
    }
    return squares;
  }

  private static double correlation(float[] a, float[] b) {
    double sumA = 0;
    double sumB = 0;
    for (int i = 0; i < a.length; i++) {
      sumA += a[i];
      sumB += b[i];
    }
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      double da = a[i] - sumA / a.length;
      double db = b[i] - sumB / b.length;
      ab += da * db;
      aa += da * da;
      bb += db * db;
    }
    return ab / Math.sqrt(aa * bb);
  }
}
