package org.lcsc.checkpoint;

/**
 * Conversions between float32 and the two 16-bit formats, all rounding to nearest, ties to even.
 * Java 17 has none of them. Single values take and give bit patterns, so that NaN payloads and
 * signed zeros are exact. Stateless and thread-safe.
 */
public final class HalfPrecision {

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
  public static short toBfloat16(int bits) {
    if ((bits & 0x7fffffff) > INFINITY) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  /** Exact. */
  public static int fromBfloat16(short half) {
    return half << 16;
  }

  /** IEEE 754 binary16 nearest to a float32; 65,520 and above become infinite. */
  public static short toFloat16(int bits) {
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
  public static int fromFloat16(short half) {
    return FLOAT16[half & 0xffff];
  }

  /**
   * Pairs of bfloat16, one in each half of an int, the first in the lower, to float32 bits. Every
   * platform of ND4J is little-endian, so that this is how they lie in memory.
   */
  static void widenBfloat16(int[] pairs, int[] even, int[] odd, int count) {
    for (int i = 0; i < count; i++) {
      int pair = pairs[i];
      even[i] = pair << 16;
      odd[i] = pair & 0xffff0000;
    }
  }

  /**
   * Pairs of finite float16 to the bits of float32 values that are 2^-112 times theirs: sign,
   * exponent and fraction move to where float32 has them, and the bias stays that of float16.
   * Subnormal float16 become subnormal float32.
   */
  static void widenFloat16(int[] pairs, int[] even, int[] odd, int count) {
    for (int i = 0; i < count; i++) {
      int pair = pairs[i];
      even[i] = pair << 16 & 0x80000000 | (pair & 0x7fff) << 13;
      odd[i] = pair & 0x80000000 | (pair & 0x7fff0000) >>> 3;
    }
  }

  /** What {@link #widenFloat16} leaves to do; exact. */
  static void unscaleFloat16(float[] values, int count) {
    for (int i = 0; i < count; i++) {
      values[i] *= 0x1p112f;
    }
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
