package org.lcsc.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AreaResizeTest {

  @Test
  void halvesByTheMeanOfFourPixelsRoundedHalfUp() {
    int[] source = {
      0, 2, 255, 255,
      0, 0, 255, 255,
      1, 2, 10, 20,
      3, 4, 30, 41,
    };
    // Means 0.5, 255, 2.5 and 25.25.
    assertThat(shrunk(source, 1, 4, 2)).containsExactly(1, 255, 3, 25);
  }

  @Test
  void countsPixelsOnTheEdgeByTheFractionCovered() {
    int[] source = {
      90, 0, 0,
      0, 180, 0,
      0, 0, 45,
    };
    // Each target pixel covers 1.5 x 1.5: (90 + 180/4) / 2.25 = 60; (180/4) / 2.25 = 20;
    // (180/4 + 45) / 2.25 = 40.
    assertThat(shrunk(source, 1, 3, 2)).containsExactly(60, 20, 20, 40);
  }

  @Test
  void shrinksToOnePixelByTheMean() {
    int[] source = {1, 2, 3, 4, 5, 6, 7, 8, 10};
    // 46 / 9 = 5.11
    assertThat(shrunk(source, 1, 3, 1)).containsExactly(5);
  }

  @Test
  void keepsChannelsApart() {
    int[] source = {10, 10, 10, 10, 200, 200, 200, 200};
    assertThat(shrunk(source, 2, 2, 1)).containsExactly(10, 200);
  }

  @Test
  void agreesWithSamplingOfAFineGrid() {
    int from = 28;
    int to = 12;
    byte[] source = TestFiles.noise(1, from * from);
    byte[] result = new byte[to * to];
    new AreaResize(from, to).apply(source, 1, result, 0);
    // 84 = lcm(28, 12) cells a side: every cell lies within one source and one target pixel.
    int cells = 84;
    for (int y = 0; y < to; y++) {
      for (int x = 0; x < to; x++) {
        double sum = 0;
        for (int v = y * cells / to; v < (y + 1) * cells / to; v++) {
          for (int u = x * cells / to; u < (x + 1) * cells / to; u++) {
            sum += source[v * from / cells * from + u * from / cells] & 0xff;
          }
        }
        double mean = sum / ((cells / to) * (cells / to));
        assertThat((double) (result[y * to + x] & 0xff)).isBetween(mean - 0.501, mean + 0.501);
      }
    }
  }

  @Test
  void leavesAConstantImageAlone() {
    int[] source = new int[49];
    Arrays.fill(source, 255);
    assertThat(shrunk(source, 1, 7, 5)).containsOnly(255);
  }

  @Test
  void refusesToEnlarge() {
    assertThatThrownBy(() -> new AreaResize(8, 9))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("side 9: area averaging only shrinks, so it must be 1 to 8");
  }

  private static int[] shrunk(int[] source, int channels, int from, int to) {
    byte[] bytes = new byte[source.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) source[i];
    }
    byte[] result = new byte[channels * to * to + 1];
    new AreaResize(from, to).apply(bytes, channels, result, 1);
    int[] unsigned = new int[channels * to * to];
    for (int i = 0; i < unsigned.length; i++) {
      unsigned[i] = result[i + 1] & 0xff;
    }
    return unsigned;
  }
}
