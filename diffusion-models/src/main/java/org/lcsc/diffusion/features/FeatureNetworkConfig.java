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
 * @param classes classes to tell apart, at least 2; 0 for {@link Architecture#MASKED}
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
    COARSE,
    /**
     * The convolutions of {@link #FINE} in a masked autoencoder, which learns without labels: it
     * sees half of an image and gives the whole (after He et al., 2022).
     */
    MASKED;

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
                      "architecture: expected fine, coarse or masked, got " + text));
    }

    /** A network's name: of its images, and of the architecture unless that is fine. */
    String named(String images) {
      return this == FINE ? images : images + "-" + text();
    }

    int kernel() {
      return this == COARSE ? 5 : 3;
    }
  }

  /** Default channels of the first convolution. */
  public static final int DEFAULT_WIDTH = 16;

  /** Default number of features: few enough that 1,000 images give a covariance of full rank. */
  public static final int DEFAULT_DIMENSION = 64;

  /** The same of a network without labels, which has to tell more than classes apart. */
  public static final int MASKED_DIMENSION = 128;

  /**
   * @throws IllegalArgumentException where a component is out of its range
   */
  public FeatureNetworkConfig {
    Objects.requireNonNull(architecture, "architecture");
    atLeast(1, "channels", channels);
    atLeast(4, "side", side);
    Refuse.argument(
        architecture == Architecture.MASKED ? classes != 0 : classes < 2,
        "classes: expected at least 2, or 0 for a masked autoencoder, got %s",
        classes);
    Refuse.argument(width < 8 || width % 8 != 0, "width: expected a multiple of 8, got %s", width);
    atLeast(1, "dimension", dimension);
  }

  /** The default network of an architecture for square images. */
  public FeatureNetworkConfig(int channels, int side, int classes, Architecture architecture) {
    this(
        channels,
        side,
        classes,
        DEFAULT_WIDTH,
        architecture == Architecture.MASKED ? MASKED_DIMENSION : DEFAULT_DIMENSION,
        architecture);
  }

  private static void atLeast(int least, String name, int value) {
    Refuse.argument(value < least, "%s: expected at least %s, got %s", name, least, value);
  }
}
