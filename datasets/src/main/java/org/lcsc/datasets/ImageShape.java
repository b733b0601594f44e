package org.lcsc.datasets;

/**
 * The shape of one image, channels first.
 *
 * @param channels number of channels, 1 (grey) or 3 (red, green, blue) in the sets of this package
 * @param height rows
 * @param width columns
 */
public record ImageShape(int channels, int height, int width) {

  /** Larger images than this are refused: one image must fit a Java array. */
  private static final long MAX_PIXELS = 1L << 28;

  /**
   * @throws IllegalArgumentException where a dimension is below 1 or the product exceeds 2^28
   */
  public ImageShape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "image shape " + text(channels, height, width) + ": every dimension must be at least 1");
    }
    if (channels > MAX_PIXELS
        || height > MAX_PIXELS
        || width > MAX_PIXELS
        || (long) height * width > MAX_PIXELS
        || (long) height * width * channels > MAX_PIXELS) {
      throw new IllegalArgumentException(
          "image shape "
              + text(channels, height, width)
              + ": an image may have at most "
              + MAX_PIXELS
              + " values");
    }
  }

  /** Number of values of an image: channels x height x width. */
  public int values() {
    return channels * height * width;
  }

  /** For example {@code 3x32x32}. */
  @Override
  public String toString() {
    return text(channels, height, width);
  }

  private static String text(int channels, int height, int width) {
    return channels + "x" + height + "x" + width;
  }
}
