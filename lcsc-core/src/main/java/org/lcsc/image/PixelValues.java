package org.lcsc.image;

/**
 * Between the numbers of models, in [-1, 1], and those of files, 0 to 255: v becomes v / 127.5 - 1,
 * and x becomes 127.5 (x + 1) clipped to 0 and 255 and cut to a whole number.
 *
 * <p>Stateless and thread-safe.
 */
public final class PixelValues {

  private static final float[] VALUES = new float[256];

  static {
    for (int v = 0; v < VALUES.length; v++) {
      VALUES[v] = (float) (v / 127.5 - 1);
    }
  }

  private PixelValues() {}

  /** The number of an unsigned byte. */
  public static float of(byte value) {
    return VALUES[value & 0xff];
  }

  /** The byte that a file holds for a number, 0 to 255; 0 for NaN. */
  public static int toByte(float value) {
    return (int) Math.max(0, Math.min(255, (value + 1) * 127.5f));
  }

  /** The number that is read back from a file. */
  public static float throughFile(float value) {
    return VALUES[toByte(value)];
  }
}
