package org.lcsc.checkpoint;

/**
 * How a checkpoint window stores a parameter. Merging always multiplies and accumulates in float32.
 */
public enum CheckpointDataType {

  /** Exact copy, 4 bytes. */
  FLOAT32(4, 0x7f800000),

  /** Range of float32, 8 significant bits (relative rounding error up to 2^-8), 2 bytes. */
  BFLOAT16(2, 0x7f7f8000),

  /**
   * IEEE 754 binary16: 11 significant bits (relative rounding error up to 2^-11), magnitudes below
   * 65,520, absolute rounding error up to 2^-25 under 2^-14; 2 bytes. For trained weights the
   * better of the two 16-bit formats.
   */
  FLOAT16(2, 0x477ff000);

  private final int bytes;

  /** Bits of the smallest float32 magnitude that would be stored as an infinity. */
  private final int overflow;

  CheckpointDataType(int bytes, int overflow) {
    this.bytes = bytes;
    this.overflow = overflow;
  }

  /** Bytes per parameter. */
  public int bytes() {
    return bytes;
  }

  /** Whether all of the first {@code count} float32 bit patterns stay finite in this type. */
  boolean holds(int[] bits, int count) {
    int margin = Integer.MIN_VALUE - overflow;
    int any = 0;
    // The sign bit of the sum tells magnitude >= overflow; no branch, so the loop is vectorised.
    for (int i = 0; i < count; i++) {
      any |= (bits[i] & 0x7fffffff) + margin;
    }
    return any >= 0;
  }

  /** Converts float32 bit patterns to 16 bits. */
  void encode(int[] bits, short[] halves, int count) {
    switch (this) {
      case BFLOAT16 -> {
        for (int i = 0; i < count; i++) {
          halves[i] = HalfPrecision.toBfloat16(bits[i]);
        }
      }
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          halves[i] = HalfPrecision.toFloat16(bits[i]);
        }
      }
      case FLOAT32 -> throw new IllegalStateException("float32 is stored as it is");
    }
  }

  /** Converts 16 bits to float32 bit patterns. */
  void decode(short[] halves, int[] bits, int count) {
    switch (this) {
      case BFLOAT16 -> {
        for (int i = 0; i < count; i++) {
          bits[i] = HalfPrecision.fromBfloat16(halves[i]);
        }
      }
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          bits[i] = HalfPrecision.fromFloat16(halves[i]);
        }
      }
      case FLOAT32 -> throw new IllegalStateException("float32 is stored as it is");
    }
  }

  /**
   * Widens pairs of finite 16-bit values, as {@link HalfPrecision#widenBfloat16} and {@link
   * HalfPrecision#widenFloat16} do.
   */
  void widen(int[] pairs, int[] even, int[] odd, int count) {
    switch (this) {
      case BFLOAT16 -> HalfPrecision.widenBfloat16(pairs, even, odd, count);
      case FLOAT16 -> HalfPrecision.widenFloat16(pairs, even, odd, count);
      case FLOAT32 -> throw new IllegalStateException("float32 is stored as it is");
    }
  }
}
