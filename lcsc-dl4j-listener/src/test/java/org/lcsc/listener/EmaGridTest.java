package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class EmaGridTest {

  @Test
  void horizonsReachFromHalfAnIntervalToTwiceTheSpan() {
    long[] iterations = LongStream.rangeClosed(1, 101).map(k -> 40 * k).toArray();
    double[] grid = EmaGrid.of(iterations);
    assertThat(grid).hasSize(10).isSorted().startsWith(0.95).endsWith(0.99987);
    assertThat(Arrays.stream(grid).distinct().count()).isEqualTo(10);
  }

  @Test
  void narrowWindowsGiveRatesBetween0And1() {
    for (long[] iterations : new long[][] {{1, 2}, {1, 2, 3, 4}, {5, 1000000}}) {
      double[] grid = EmaGrid.of(iterations);
      assertThat(grid).isNotEmpty().isSorted();
      assertThat(Arrays.stream(grid)).allMatch(rate -> rate > 0.1 && rate < 0.9999999);
    }
  }

  @Test
  void ratesAreWrittenPlainly() {
    assertThat(EmaGrid.text(0.9)).isEqualTo("0.9");
    assertThat(EmaGrid.text(0.00001)).isEqualTo("0.00001");
    assertThat(EmaGrid.union(new double[] {0.9, 0.5}, new double[] {0.5, 0.99}))
        .containsExactly(0.5, 0.9, 0.99);
  }
}
