package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class FeatureRowsTest {

  @Test
  void vectorsAreEvenlySpreadOverTheStream() {
    FeatureRows rows = new FeatureRows(10, 4, 2);
    for (int i = 0; i < 5; i++) {
      rows.add(new float[] {2 * i, -2 * i, 2 * i + 1, -2 * i - 1});
    }
    assertThat(rows.array().getColumn(0).toIntVector()).containsExactly(2, 4, 7, 9);
    assertThat(rows.array().getColumn(1).toIntVector()).containsExactly(-2, -4, -7, -9);
    assertThatIllegalStateException()
        .isThrownBy(() -> rows.add(new float[2]))
        .withMessage("more than the announced 10 vectors were added");
  }

  @Test
  void aShortStreamIsKeptWhole() {
    FeatureRows rows = new FeatureRows(3, 10, 1);
    rows.add(new float[] {5, 6, 7});
    assertThat(rows.size()).isEqualTo(3);
    assertThat(rows.array().toIntMatrix()).isDeepEqualTo(new int[][] {{5}, {6}, {7}});
  }
}
