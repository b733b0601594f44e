package org.lcsc.image;

import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Shape of one image.
 *
 * @param channels C, at least 1
 * @param height H, at least 1, in pixels
 * @param width W, at least 1, in pixels
 */
public record ImageShape(int channels, int height, int width) {

  /** Larger images than this are refused: one image must fit a Java array. */
  private static final long MAX_VALUES = 1L << 28;

  /** Refuses extents below 1, and more than 2^28 values. */
  public ImageShape {
    if (channels < 1
        || height < 1
        || width < 1
        || (long) height * width > MAX_VALUES
        || (long) height * width * channels > MAX_VALUES) {
      throw new IllegalArgumentException(
          Text.format(
              "image shape %s: every extent must be at least 1, and an image have at most %s"
                  + " values",
              text(channels, height, width), MAX_VALUES));
    }
  }

  /** Number of values of one image. */
  public int length() {
    return channels * height * width;
  }

  /**
   * Refuses a batch of other images.
   *
   * @param images should be {@code [N, C, H, W]}, N at least 1
   * @param owner names who asks, in the message
   * @throws IllegalArgumentException where it is not
   */
  public void check(INDArray images, String owner) {
    if (images.rank() != 4
        || images.size(1) != channels
        || images.size(2) != height
        || images.size(3) != width) {
      throw new IllegalArgumentException(
          Text.format(
              "%s takes images [N, %s, %s, %s], got %s",
              owner, channels, height, width, images.shape()));
    }
  }

  @Override
  public String toString() {
    return text(channels, height, width);
  }

  private static String text(int channels, int height, int width) {
    return channels + "x" + height + "x" + width;
  }
}
