package org.lcsc.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.SeededNoise;

class SpreadNoiseTest {

  private static NoiseSource spread(long seed) {
    return new SpreadNoise(new SeededNoise(seed), 1);
  }

  /** Of independent draws a range of a tenth would miss its share by some hundreds. */
  @Test
  void anyRunOfSamplesHasItsShareInEveryTenth() {
    for (long first : new long[] {0, 17, 123_456}) {
      int[] draws = spread(3).uniformInts(1, first, 100_000, 1000);
      int[] tenths = new int[10];
      for (int i = 0; i < draws.length; i++) {
        tenths[draws[i] / 100]++;
        if (i == 99) {
          near(tenths, 10, 2);
        }
      }
      near(tenths, 10_000, 3);
    }
  }

  private static void near(int[] counts, int share, int difference) {
    for (int count : counts) {
      assertThat(count).isBetween(share - difference, share + difference);
    }
  }

  @Test
  void gaussiansHaveTheirMoments() {
    double[] draws = spread(4).gaussian(1, 0, 10_000, 1).toDoubleVector();
    assertThat(Arrays.stream(draws).average().orElseThrow()).isCloseTo(0, within(1e-3));
    assertThat(Arrays.stream(draws).map(x -> x * x).average().orElseThrow())
        .isCloseTo(1, within(3e-3));
    assertThat(Arrays.stream(draws).map(x -> x * x * x * x).average().orElseThrow())
        .isCloseTo(3, within(0.05));
    assertThat(draws).doesNotContain(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
  }

  @Test
  void aNumberIsOfSeedAndIndexAlone() {
    int[] all = spread(5).uniformInts(1, 0, 20, 1 << 30);
    assertThat(spread(5).uniformInts(1, 13, 4, 1 << 30)).isEqualTo(Arrays.copyOfRange(all, 13, 17));
    assertThat(spread(6).uniformInts(1, 0, 20, 1 << 30)).doesNotContain(all);
    assertThat(spread(5).seed()).isEqualTo(5);
  }

  @Test
  void otherStreamsAreIndependent() {
    NoiseSource independent = new SeededNoise(7);
    assertThat(spread(7).gaussian(0, 3, 2, 1, 4, 4))
        .isEqualTo(independent.gaussian(0, 3, 2, 1, 4, 4));
    assertThat(spread(7).uniformInts(2, 3, 9, 50)).isEqualTo(independent.uniformInts(2, 3, 9, 50));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spread(7).gaussian(1, 0, 2, 1, 4, 4))
        .withMessage("stream 1 has one number per sample");
  }
}
