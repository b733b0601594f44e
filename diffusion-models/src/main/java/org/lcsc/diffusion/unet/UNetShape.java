package org.lcsc.diffusion.unet;

import java.util.List;
import java.util.stream.IntStream;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Require;
import org.lcsc.io.Text;

/**
 * What the settings of all U-Nets share. A level is one resolution; each level but the last halves
 * it.
 */
public interface UNetShape extends NetworkBody {

  /** More levels would halve a side of 65,536 pixels to 1. */
  int MOST_LEVELS = 16;

  /** Channels of the first level before its multiplier, a multiple of 4. */
  Integer channels();

  /** Channels of each level as multiples of {@link #channels}, at least 1 each. */
  List<Integer> multipliers();

  /** Residual blocks per level on the way down; one more on the way up. */
  Integer blocks();

  /** Resolutions (sides in pixels) whose levels have self-attention. */
  List<Integer> attention();

  /** Probability of dropping an activation before a block's second convolution, in [0, 1). */
  double dropout();

  @Override
  boolean classConditional();

  @Override
  default String description() {
    return Text.format("%s U-Net, %d channels × %s", kind(), channels(), multipliers());
  }

  /**
   * Groups of every normalisation; null where a layer of C channels has min(32, C / 4), see {@link
   * #groups(int)}.
   */
  default Integer groups() {
    return null;
  }

  /** Channels at a level. */
  default int channelsAt(int level) {
    return channels() * multipliers().get(level);
  }

  /** Checks the components that all shapes have, as far as they are given. */
  static void check(
      Integer channels,
      List<Integer> multipliers,
      Integer blocks,
      List<Integer> attention,
      double dropout) {
    if (channels != null) {
      Require.between("channels", channels, 4, 1 << 14);
      if (channels % 4 != 0) {
        throw new InvalidValueException(
            "channels", "not a multiple of 4 (" + channels + "), allowed: 4, 8, 12, ...");
      }
    }
    if (multipliers != null) {
      checkLevels(multipliers, attention);
    }
    Require.between("blocks", blocks, 1, 64);
    if (!(dropout >= 0 && dropout < 1)) {
      throw new InvalidValueException(
          "dropout", "out of range (" + dropout + "), allowed: 0 to less than 1");
    }
  }

  private static void checkLevels(List<Integer> multipliers, List<Integer> attention) {
    int levels = multipliers.size();
    if (levels < 1 || levels > MOST_LEVELS) {
      throw new InvalidValueException(
          "multipliers",
          Text.format("has no fit number of levels (%d), allowed: 1 to %d", levels, MOST_LEVELS));
    }
    for (int i = 0; i < levels; i++) {
      Require.between("multipliers[" + i + "]", multipliers.get(i), 1, 64);
    }
    Require.noDuplicates("attention", attention);
    Require.not(
        attention.size() > levels,
        "attention",
        "more attention levels than levels (%d, multipliers give %d), allowed: at most %d",
        attention.size(),
        levels,
        levels);
    for (int i = 0; i < attention.size(); i++) {
      Require.atLeast("attention[" + i + "]", attention.get(i), 1);
    }
  }

  /**
   * Checks a divisor of the channels, as far as it is given. Every level's width is a multiple of
   * channels, so dividing them is enough for all levels.
   */
  static void checkDivisor(String key, Integer value, Integer channels) {
    Require.atLeast(key, value, 1);
    if (value != null && channels != null && channels % value != 0) {
      List<String> divisors =
          IntStream.rangeClosed(1, Math.min(channels, 64))
              .filter(divisor -> channels % divisor == 0)
              .mapToObj(String::valueOf)
              .toList();
      throw new InvalidValueException(
          key,
          Text.format(
              "does not divide channels (%d, channels %d), allowed: %s",
              value, channels, String.join(", ", divisors)));
    }
  }

  @Override
  default void checkSide(int side) {
    int levels = multipliers().size();
    int factor = 1 << (levels - 1);
    if (side % factor != 0) {
      throw new InvalidValueException(
          "multipliers",
          Text.format(
              "the images' side is not a multiple of %d (side %d, %d levels), allowed: at most %d"
                  + " levels, or another dataset.side",
              factor, side, levels, Integer.numberOfTrailingZeros(side) + 1));
    }
    List<Integer> resolutions =
        IntStream.range(0, levels).map(level -> side >> level).boxed().toList();
    for (int resolution : attention()) {
      if (!resolutions.contains(resolution)) {
        throw new InvalidValueException(
            "attention",
            Text.format(
                "no level has this resolution (%d), allowed: %s",
                resolution, String.join(", ", resolutions.stream().map(String::valueOf).toList())));
      }
    }
  }

  /**
   * Groups of a normalisation over so many channels: the largest divisor that is at most 32 and
   * leaves four channels per group. For the published networks (128 channels and more) that is 32.
   */
  static int groups(int channels) {
    int groups = Math.min(32, Math.max(1, channels / 4));
    while (channels % groups != 0) {
      groups--;
    }
    return groups;
  }
}
