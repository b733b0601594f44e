package org.lcsc.experiment.config;

import java.math.BigInteger;
import java.util.List;
import java.util.stream.IntStream;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * Section {@code model.unet}: the network's shape. A level is one resolution; each level but the
 * last halves it. The networks of the paper:
 *
 * <pre>{@code
 * # DDIM, CIFAR-10: 35,746,307 parameters
 * unet: { channels: 128, multipliers: [1, 2, 2, 2], blocks: 2, attention: [16],
 *         dropout: 0.1, zeroInit: false }
 * # improved DDPM, ImageNet-64: 121,060,483
 * unet: { channels: 128, multipliers: [1, 2, 3, 4], blocks: 3, attention: [16, 8], heads: 4,
 *         timeEmbedding: scale-shift }
 * # EDM's NCSN++, CIFAR-10: 56,395,523
 * unet: { architecture: ncsnpp, channels: 128, multipliers: [2, 2, 2], blocks: 4, attention: [16] }
 * # ADM, ImageNet-64: 295,899,267
 * unet: { architecture: adm, channels: 192, multipliers: [1, 2, 3, 4], blocks: 3,
 *         attention: [32, 16, 8], headChannels: 64, classConditional: true }
 * }</pre>
 *
 * @param architecture which family of networks; default {@link Architecture#DDPM}
 * @param channels channels of the first level before its multiplier, at least 1
 * @param multipliers channels of each level as multiples of {@code channels}, at least 1 each;
 *     their number is the number of levels
 * @param blocks residual blocks per level, at least 1
 * @param attention resolutions (sides in pixels) whose levels have self-attention; default none
 * @param heads attention heads, at least 1, a divisor of {@code channels}; not with {@code adm};
 *     default 1
 * @param headChannels channels of an attention head, at least 1, a divisor of {@code channels};
 *     only with {@code adm}; default: the greatest common divisor of 64 and {@code channels}
 * @param dropout probability in the residual blocks, 0 to less than 1; default 0
 * @param timeEmbedding how the time enters a residual block; only with {@code ddpm}; default {@link
 *     TimeEmbedding#ADD}
 * @param classConditional whether the network is told the class; default false
 * @param zeroInit whether blocks start as the identity; only with {@code ddpm}, the others start as
 *     published; default true
 */
public record UNetConfig(
    @OptionalKey Architecture architecture,
    int channels,
    List<Integer> multipliers,
    int blocks,
    @OptionalKey List<Integer> attention,
    @OptionalKey Integer heads,
    @OptionalKey Integer headChannels,
    @OptionalKey Double dropout,
    @OptionalKey TimeEmbedding timeEmbedding,
    @OptionalKey Boolean classConditional,
    @OptionalKey Boolean zeroInit) {

  /** More levels would halve a side of 65,536 pixels to 1. */
  private static final int MOST_LEVELS = 16;

  /** Channels of ADM's attention heads. */
  private static final int ADM_HEAD_CHANNELS = 64;

  private static final List<Architecture> ONE_WIDTH_PER_HEAD = List.of(Architecture.ADM);
  private static final List<Architecture> NUMBER_OF_HEADS =
      List.of(Architecture.DDPM, Architecture.NCSNPP, Architecture.DDPMPP);
  private static final List<Architecture> ADJUSTABLE = List.of(Architecture.DDPM);

  /** Families of networks. */
  public enum Architecture {
    /** The U-Net of DDPM, DDIM and improved DDPM. */
    DDPM,
    /**
     * NCSN++ as EDM trains it (Song et al. 2021, Karras et al. 2022). Its random Fourier features
     * are made for the logarithm of a noise level, not for time steps.
     */
    NCSNPP,
    /** DDPM++ as EDM trains it. */
    DDPMPP,
    /** ADM (Dhariwal and Nichol 2021). */
    ADM
  }

  /** Ways for the time to enter a residual block. */
  public enum TimeEmbedding {
    /** Added to the features (DDPM). */
    ADD,
    /** Scales and shifts the normalised features (improved DDPM). */
    SCALE_SHIFT
  }

  /** Fills in the defaults and validates. */
  public UNetConfig {
    architecture = architecture == null ? Architecture.DDPM : architecture;
    Require.onlyWith("heads", heads, "architecture", architecture, NUMBER_OF_HEADS);
    Require.onlyWith(
        "headChannels", headChannels, "architecture", architecture, ONE_WIDTH_PER_HEAD);
    Require.onlyWith("timeEmbedding", timeEmbedding, "architecture", architecture, ADJUSTABLE);
    Require.onlyWith("zeroInit", zeroInit, "architecture", architecture, ADJUSTABLE);
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
    if (architecture == Architecture.ADM) {
      int common =
          BigInteger.valueOf(channels).gcd(BigInteger.valueOf(ADM_HEAD_CHANNELS)).intValue();
      headChannels =
          divisor("headChannels", headChannels == null ? common : headChannels, channels);
    } else {
      heads = divisor("heads", heads == null ? 1 : heads, channels);
    }
    dropout = dropout == null ? 0.0 : dropout;
    if (!(dropout >= 0 && dropout < 1)) {
      throw new InvalidValueException(
          "dropout", "out of range (" + dropout + "), allowed: 0 to less than 1");
    }
    if (ADJUSTABLE.contains(architecture)) {
      timeEmbedding = timeEmbedding == null ? TimeEmbedding.ADD : timeEmbedding;
      zeroInit = zeroInit == null || zeroInit;
    }
    classConditional = classConditional != null && classConditional;
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

  /** Every level's width is a multiple of channels, so dividing them is enough for all levels. */
  private static int divisor(String key, int value, int channels) {
    Require.atLeast(key, value, 1);
    if (channels % value != 0) {
      throw new InvalidValueException(
          key,
          "does not divide channels ("
              + value
              + ", channels "
              + channels
              + "), allowed: "
              + divisors(channels));
    }
    return value;
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
