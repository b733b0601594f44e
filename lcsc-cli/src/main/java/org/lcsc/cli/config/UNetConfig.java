package org.lcsc.cli.config;

import java.util.List;
import java.util.stream.IntStream;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * Section {@code model.unet}: the network's shape. A level is one resolution; each level but the
 * last halves it.
 *
 * @param channels channels of the first level before its multiplier, at least 1
 * @param multipliers channels of each level as multiples of {@code channels}, at least 1 each;
 *     their number is the number of levels
 * @param blocks residual blocks per level, at least 1
 * @param attention resolutions (sides in pixels) whose levels have self-attention; default none
 * @param heads attention heads, at least 1; default 1
 * @param dropout probability in the residual blocks, 0 to less than 1; default 0
 * @param timeEmbedding how the time enters a residual block; default {@link TimeEmbedding#ADD}
 * @param classConditional whether the network is told the class; default false
 * @param zeroInit whether blocks start as the identity; default true
 */
public record UNetConfig(
    int channels,
    List<Integer> multipliers,
    int blocks,
    @OptionalKey List<Integer> attention,
    @OptionalKey Integer heads,
    @OptionalKey Double dropout,
    @OptionalKey TimeEmbedding timeEmbedding,
    @OptionalKey Boolean classConditional,
    @OptionalKey Boolean zeroInit) {

  /** More levels would halve a side of 65,536 pixels to 1. */
  private static final int MOST_LEVELS = 16;

  /** Ways for the time to enter a residual block. */
  public enum TimeEmbedding {
    /** Added to the features (DDPM). */
    ADD,
    /** Scales and shifts the normalised features (improved DDPM). */
    SCALE_SHIFT
  }

  /** Fills in the defaults and validates. */
  public UNetConfig {
    Require.between("channels", channels, 4, 1 << 14);
    if (channels % 4 != 0) {
      throw new InvalidValueException(
          "channels", "not a multiple of 4 (" + channels + "), allowed: 4, 8, 12, ...");
    }
    if (multipliers.isEmpty() || multipliers.size() > MOST_LEVELS) {
      throw new InvalidValueException(
          "multipliers",
          "has no fit number of levels (" + multipliers.size() + "), allowed: 1 to " + MOST_LEVELS);
    }
    for (int i = 0; i < multipliers.size(); i++) {
      Require.between("multipliers[" + i + "]", multipliers.get(i), 1, 64);
    }
    multipliers = List.copyOf(multipliers);
    Require.between("blocks", blocks, 1, 64);
    attention = Require.noDuplicates("attention", attention == null ? List.of() : attention);
    if (attention.size() > multipliers.size()) {
      throw new InvalidValueException(
          "attention",
          "more attention levels than levels ("
              + attention.size()
              + ", multipliers give "
              + multipliers.size()
              + "), allowed: at most "
              + multipliers.size());
    }
    for (int i = 0; i < attention.size(); i++) {
      Require.atLeast("attention[" + i + "]", attention.get(i), 1);
    }
    heads = Require.atLeast("heads", heads == null ? 1 : heads, 1);
    // Every level's width is a multiple of channels, so this is enough for all of them.
    if (channels % heads != 0) {
      throw new InvalidValueException(
          "heads",
          "does not divide channels ("
              + heads
              + ", channels "
              + channels
              + "), allowed: "
              + divisors(channels));
    }
    dropout = dropout == null ? 0.0 : dropout;
    if (!(dropout >= 0 && dropout < 1)) {
      throw new InvalidValueException(
          "dropout", "out of range (" + dropout + "), allowed: 0 to less than 1");
    }
    timeEmbedding = timeEmbedding == null ? TimeEmbedding.ADD : timeEmbedding;
    classConditional = classConditional != null && classConditional;
    zeroInit = zeroInit == null || zeroInit;
  }

  /** Number of levels. */
  public int levels() {
    return multipliers.size();
  }

  /**
   * The resolutions of the levels.
   *
   * @param side side of the images in pixels
   * @return {@code side, side/2, ...}, one per level
   */
  public List<Integer> resolutions(int side) {
    return IntStream.range(0, levels()).map(level -> side >> level).boxed().toList();
  }

  /**
   * Checks the network against the images.
   *
   * @param side side of the images in pixels
   * @throws InvalidValueException if the side cannot be halved for every level, or a resolution
   *     with attention does not occur; the key is relative to the whole file
   */
  void checkSide(int side) {
    int factor = 1 << (levels() - 1);
    if (side % factor != 0) {
      throw new InvalidValueException(
          "model.unet.multipliers",
          "the images' side is not a multiple of "
              + factor
              + " (side "
              + side
              + ", "
              + levels()
              + " levels), allowed: at most "
              + (Integer.numberOfTrailingZeros(side) + 1)
              + " levels, or another dataset.side");
    }
    List<Integer> resolutions = resolutions(side);
    for (int resolution : attention) {
      if (!resolutions.contains(resolution)) {
        throw new InvalidValueException(
            "model.unet.attention",
            "no level has this resolution ("
                + resolution
                + "), allowed: "
                + String.join(", ", resolutions.stream().map(String::valueOf).toList()));
      }
    }
  }

  private static String divisors(int number) {
    return String.join(
        ", ",
        IntStream.rangeClosed(1, Math.min(number, 64))
            .filter(divisor -> number % divisor == 0)
            .mapToObj(String::valueOf)
            .toList());
  }
}
