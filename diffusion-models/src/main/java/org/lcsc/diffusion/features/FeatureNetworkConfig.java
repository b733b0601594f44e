package org.lcsc.diffusion.features;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.lcsc.io.Refuse;

/**
 * Shape of a {@link FeatureNetwork}.
 *
 * @param channels channels of the images, at least 1
 * @param side side of the square images in pixels, at least 4
 * @param classes classes to tell apart, at least 2
 * @param width channels of the first convolution, a multiple of 8; later ones have up to four times
 *     as many
 * @param dimension number of features, at least 1
 * @param architecture how the convolutions are laid out
 */
public record FeatureNetworkConfig(
    int channels, int side, int classes, int width, int dimension, Architecture architecture) {

  /**
   * How the convolutions are laid out. Networks of different architectures, trained from different
   * seeds, give independent feature spaces: a model that was searched by FID in one of them is
   * reported in the other too.
   */
  public enum Architecture {
    /** Kernels of 3 x 3; the first convolution works at full size. */
    FINE,
    /** Kernels of 5 x 5; the first convolution already halves the image. */
    COARSE;

    /** The name that options and files use: lower case. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads {@link #text()}.
     *
     * @throws IllegalArgumentException where there is no such architecture
     */
    public static Architecture of(String text) {
      return Arrays.stream(values())
          .filter(a -> a.text().equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "architecture: expected fine or coarse, got " + text));
    }

    int kernel() {
      return this == FINE ? 3 : 5;
    }
  }

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
    Refuse.argument(width < 8 || width % 8 != 0, "width: expected a multiple of 8, got %s", width);
    atLeast(1, "dimension", dimension);
    Objects.requireNonNull(architecture, "architecture");
  }

  /** The default network of an architecture for square images. */
  public FeatureNetworkConfig(int channels, int side, int classes, Architecture architecture) {
    this(channels, side, classes, DEFAULT_WIDTH, DEFAULT_DIMENSION, architecture);
  }

  private static void atLeast(int least, String name, int value) {
    Refuse.argument(value < least, "%s: expected at least %s, got %s", name, least, value);
  }
}
