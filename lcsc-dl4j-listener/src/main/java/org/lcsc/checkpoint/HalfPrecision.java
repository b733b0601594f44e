package org.lcsc.checkpoint;

/**
 * Conversions between float32 and the two 16-bit formats, all rounding to nearest, ties to even.
 * Java 17 has none of them. Single values take and give bit patterns, so that NaN payloads and
 * signed zeros are exact.
 */
final class HalfPrecision {

  private static final int INFINITY = 0x7f800000;

  /** Float16 to float32 bits: 256 KB, far cheaper than the branches it saves. */
  private static final int[] FLOAT16 = new int[1 << 16];

  static {
    for (int half = 0; half < FLOAT16.length; half++) {
      FLOAT16[half] = expandFloat16(half);
    }
  }

  private HalfPrecision() {}

  /** Bfloat16 nearest to a float32; the upper half of its bits after rounding. */
  static short toBfloat16(int bits) {
    if ((bits & 0x7fffffff) > INFINITY) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  /** Exact. */
  static int fromBfloat16(short half) {
    return half << 16;
  }

  /** IEEE 754 binary16 nearest to a float32; 65,520 and above become infinite. */
  static short toFloat16(int bits) {
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > INFINITY) {
      return (short) (sign | 0x7e00 | magnitude >>> 13 & 0x3ff);
    }
    if (magnitude >= 0x47800000) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) {
      // Below 2^-14 the result is subnormal with unit 2^-24, the unit in the last place of 0.5:
      // the addition does the rounding.
      int shifted = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f);
      return (short) (sign | shifted - 0x3f000000);
    }
    int rebiased = magnitude - 0x38000000;
    return (short) (sign | rebiased + 0xfff + (rebiased >>> 13 & 1) >>> 13);
  }

  /** Exact. */
  static int fromFloat16(short half) {
    return FLOAT16[half & 0xffff];
  }

  private static int expandFloat16(int half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half & 0x7c00;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      return sign | Float.floatToRawIntBits(fraction * 0x1p-24f);
    }
    if (exponent == 0x7c00) {
      return sign | INFINITY | fraction << 13;
    }
    return sign | (half & 0x7fff) + (112 << 10) << 13;
  }
}
