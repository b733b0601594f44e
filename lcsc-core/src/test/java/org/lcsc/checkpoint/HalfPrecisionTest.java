package org.lcsc.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfPrecisionTest {

  /** The value of a binary16 pattern by the definition in IEEE 754, independent of bit tricks. */
  private static double float16(int half) {
    int exponent = half >> 10 & 31;
    int fraction = half & 1023;
    double magnitude =
        exponent == 31
            ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
            : exponent == 0
                ? fraction * Math.pow(2, -24)
                : (1024 + fraction) * Math.pow(2, exponent - 25);
    return (half & 0x8000) == 0 ? magnitude : -magnitude;
  }

  private static double value(int bits) {
    return Float.intBitsToFloat(bits);
  }

  @Test
  void everyFloat16DecodesToItsValueAndEncodesBackToItself() {
    for (int half = 0; half < 1 << 16; half++) {
      int bits = HalfPrecision.fromFloat16((short) half);
      // Compares NaN as equal and tells -0 from 0.
      assertThat(Double.compare(value(bits), float16(half))).as("decode of %04x", half).isZero();
      short back = HalfPrecision.toFloat16(bits);
      if (Double.isNaN(float16(half))) {
        assertThat(float16(back & 0xffff)).as("NaN %04x stays NaN", half).isNaN();
      } else {
        assertThat(back & 0xffff).as("round trip of %04x", half).isEqualTo(half);
      }
    }
  }

  @Test
  void everyBfloat16EncodesBackToItself() {
    for (int half = 0; half < 1 << 16; half++) {
      int bits = HalfPrecision.fromBfloat16((short) half);
      short back = HalfPrecision.toBfloat16(bits);
      if (Double.isNaN(value(bits))) {
        assertThat(value(HalfPrecision.fromBfloat16(back))).isNaN();
      } else {
        assertThat(back & 0xffff).as("round trip of %04x", half).isEqualTo(half);
      }
    }
  }

  @Test
  void float16RoundsEveryMidpointToEvenAndItsNeighboursToTheNearest() {
    for (int half = 0; half < 0x7bff; half++) {
      float middle = (float) ((float16(half) + float16(half + 1)) / 2);
      int even = (half & 1) == 0 ? half : half + 1;
      assertThat((int) HalfPrecision.toFloat16(Float.floatToRawIntBits(middle)))
          .as("midpoint above %04x", half)
          .isEqualTo(even);
      assertThat((int) HalfPrecision.toFloat16(Float.floatToRawIntBits(Math.nextDown(middle))))
          .as("just below the midpoint above %04x", half)
          .isEqualTo(half);
      assertThat((int) HalfPrecision.toFloat16(Float.floatToRawIntBits(Math.nextUp(middle))))
          .as("just above the midpoint above %04x", half)
          .isEqualTo(half + 1);
    }
  }

  @Test
  void bfloat16RoundsEveryMidpointToEvenAndItsNeighboursToTheNearest() {
    for (int half = 0; half < 0x7f7f; half++) {
      int middle = half << 16 | 0x8000;
      int even = (half & 1) == 0 ? half : half + 1;
      assertThat((int) HalfPrecision.toBfloat16(middle)).isEqualTo(even);
      assertThat((int) HalfPrecision.toBfloat16(middle - 1)).isEqualTo(half);
      assertThat((int) HalfPrecision.toBfloat16(middle + 1)).isEqualTo(half + 1);
    }
  }

  @Test
  void randomFloatsRoundToTheNearestWithinTheDocumentedBounds() {
    Random random = new Random(11);
    for (int i = 0; i < 1_000_000; i++) {
      int bits = random.nextInt();
      double value = value(bits);
      if (Double.isNaN(value) || Double.isInfinite(value)) {
        continue;
      }
      double bfloat16 = value(HalfPrecision.fromBfloat16(HalfPrecision.toBfloat16(bits)));
      if (Math.abs(value) >= 0x1p-126 && Math.abs(value) < 0x1.fep127) {
        assertThat(Math.abs(bfloat16 - value))
            .as("bfloat16 of %08x", bits)
            .isLessThanOrEqualTo(Math.abs(value) * 0x1p-8);
      }
      double float16 = value(HalfPrecision.fromFloat16(HalfPrecision.toFloat16(bits)));
      if (Math.abs(value) < 65_520) {
        assertThat(Math.abs(float16 - value))
            .as("float16 of %08x", bits)
            .isLessThanOrEqualTo(Math.max(Math.abs(value) * 0x1p-11, 0x1p-25));
      } else {
        assertThat(float16).as("overflow of %08x", bits).isInfinite();
      }
    }
  }

  @Test
  void dataTypesKnowWhatTheyCannotHold() {
    float nan = Float.NaN;
    float infinite = Float.NEGATIVE_INFINITY;
    for (CheckpointDataType type : CheckpointDataType.values()) {
      assertThat(type.holds(bits(1f, nan), 2)).as("%s NaN", type).isFalse();
      assertThat(type.holds(bits(infinite), 1)).as("%s infinity", type).isFalse();
      assertThat(type.holds(bits(0f, -1f, 65_519f, 1e-40f), 4)).as("%s", type).isTrue();
      assertThat(type.holds(bits(1f, nan), 1)).as("%s looks at the count only", type).isTrue();
    }
    assertThat(CheckpointDataType.FLOAT32.holds(bits(Float.MAX_VALUE), 1)).isTrue();
    assertThat(CheckpointDataType.BFLOAT16.holds(bits(-Float.MAX_VALUE), 1)).isFalse();
    assertThat(CheckpointDataType.FLOAT16.holds(bits(-65_520f), 1)).isFalse();
  }

  @Test
  void holdsAgreesWithTheEncodersAtTheBorder() {
    int border16 = Float.floatToRawIntBits(65_520f);
    assertThat((int) HalfPrecision.toFloat16(border16 - 1)).isEqualTo(0x7bff);
    assertThat((int) HalfPrecision.toFloat16(border16)).isEqualTo(0x7c00);
    assertThat((int) HalfPrecision.toBfloat16(0x7f7f7fff)).isEqualTo(0x7f7f);
    assertThat((int) HalfPrecision.toBfloat16(0x7f7f8000)).isEqualTo(0x7f80);
    assertThat(CheckpointDataType.FLOAT16.holds(new int[] {border16 - 1}, 1)).isTrue();
    assertThat(CheckpointDataType.FLOAT16.holds(new int[] {border16}, 1)).isFalse();
    assertThat(CheckpointDataType.BFLOAT16.holds(new int[] {0x7f7f7fff}, 1)).isTrue();
    assertThat(CheckpointDataType.BFLOAT16.holds(new int[] {0x7f7f8000}, 1)).isFalse();
  }

  private static int[] bits(float... values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }
}
