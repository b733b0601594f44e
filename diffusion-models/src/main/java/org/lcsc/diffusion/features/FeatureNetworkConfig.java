package org.lcsc.diffusion.features;

/**
 * Shape of a {@link FeatureNetwork}.
 *
 * @param channels channels of the images, at least 1
 * @param side side of the square images in pixels, at least 4
 * @param classes classes to tell apart, at least 2
 * @param width channels of the first convolution, a multiple of 8; later ones have up to four times
 *     as many
 * @param dimension number of features, at least 1
 */
public record FeatureNetworkConfig(int channels, int side, int classes, int width, int dimension) {

  /** Default channels of the first convolution. */
  public static final int DEFAULT_WIDTH = 16;

  /** Default number of features: few enough that 1,000 images give a covariance of full rank. */
  public static final int DEFAULT_DIMENSION = 64;

  /**
   * @throws IllegalArgumentException where a component is out of its range
   */
  public FeatureNetworkConfig {
    atLeast(1, "channels", channels);
    atLeast(4, "side", side);
    atLeast(2, "classes", classes);
    if (width < 8 || width % 8 != 0) {
      throw new IllegalArgumentException("width: expected a multiple of 8, got " + width);
    }
    atLeast(1, "dimension", dimension);
  }

  /** The default network for square images. */
  public FeatureNetworkConfig(int channels, int side, int classes) {
    this(channels, side, classes, DEFAULT_WIDTH, DEFAULT_DIMENSION);
  }

  private static void atLeast(int least, String name, int value) {
    if (value < least) {
      throw new IllegalArgumentException(name + ": expected at least " + least + ", got " + value);
    }
  }
}
