package org.lcsc.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorTypeTest {

  /** The bits of a double in a type of 16. */
  private static int bits(TensorType type, double value) {
    ByteBuffer target = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
    type.put(new double[] {value}, 1, target);
    return Short.toUnsignedInt(target.getShort(0));
  }

  private static double value(TensorType type, int bits) {
    ByteBuffer source = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
    double[] sum = new double[1];
    type.addTo(sum, 1, source.putShort(0, (short) bits));
    return sum[0];
  }

  /** Around every border between two values of the type; the last is that to infinity. */
  @ParameterizedTest
  @CsvSource({"FLOAT16, 0x7c00", "BFLOAT16, 0x7f80"})
  void aDoubleIsRoundedOnceToTheNearestAndOfTwoToTheEvenOne(TensorType type, int infinity) {
    for (int below = 0; below < infinity; below++) {
      int above = below + 1;
      double lower = value(type, below);
      double upper = above < infinity ? value(type, above) : 2 * lower - value(type, below - 1);
      double border = (lower + upper) / 2;
      int[] expected = {below, below % 2 == 0 ? below : above, above};
      double[] values = {Math.nextDown(border), border, Math.nextUp(border)};
      for (int i = 0; i < values.length; i++) {
        assertThat(bits(type, values[i])).as("%s", values[i]).isEqualTo(expected[i]);
        assertThat(bits(type, -values[i])).as("%s", -values[i]).isEqualTo(0x8000 | expected[i]);
        assertThat(type.holds(new double[] {values[i]}, 1))
            .as("%s is finite", values[i])
            .isEqualTo(expected[i] != infinity);
      }
    }
    for (double beyond : new double[] {1e300, Double.POSITIVE_INFINITY}) {
      assertThat(bits(type, beyond)).isEqualTo(infinity);
      assertThat(bits(type, -beyond)).isEqualTo(0x8000 | infinity);
    }
    assertThat(bits(type, Double.NaN)).isGreaterThan(infinity);
    assertThat(bits(type, Double.MIN_VALUE)).isZero();
    assertThat(bits(type, -Double.MIN_VALUE)).isEqualTo(0x8000);
  }
}
