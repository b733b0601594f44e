package org.lcsc.datasets;

/** Turns unsigned bytes into floats: v becomes v / 127.5 - 1, so 0 is -1 and 255 is 1. */
final class PixelValues {

  private static final float[] VALUES = new float[256];

  static {
    for (int v = 0; v < VALUES.length; v++) {
      VALUES[v] = (float) (v / 127.5 - 1);
    }
  }

  private PixelValues() {}

  /** Writes the values of an image into {@code target} from {@code at} on. */
  static void convert(byte[] image, float[] target, int at) {
    for (int p = 0; p < image.length; p++) {
      target[at + p] = VALUES[image[p] & 0xff];
    }
  }

  /** Mirrors every row of {@code width} bytes in place. */
  static void mirror(byte[] image, int width) {
    for (int row = 0; row < image.length; row += width) {
      for (int left = row, right = row + width - 1; left < right; left++, right--) {
        byte swapped = image[left];
        image[left] = image[right];
        image[right] = swapped;
      }
    }
  }
}
