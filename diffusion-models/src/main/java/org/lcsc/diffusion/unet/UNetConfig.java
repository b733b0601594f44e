package org.lcsc.diffusion.unet;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * The U-Net of DDPM, DDIM and improved DDPM; the middle always has self-attention. The published
 * networks:
 *
 * <pre>{@code
 * # DDIM, CIFAR-10: 35,746,307 parameters
 * unet: { channels: 128, multipliers: [1, 2, 2, 2], blocks: 2, attention: [16],
 *         dropout: 0.1, zeroInit: false }
 * # improved DDPM, ImageNet-64, without learned sigma: 121,060,483
 * unet: { channels: 128, multipliers: [1, 2, 3, 4], blocks: 3, attention: [16, 8], heads: 4,
 *         timeEmbedding: scale-shift }
 * }</pre>
 *
 * @param channels channels of the first level before its multiplier, a multiple of 4
 * @param multipliers channels of each level as multiples of {@code channels}, at least 1 each;
 *     their number is the number of levels
 * @param blocks residual blocks per level on the way down, 1 to 64; one more on the way up
 * @param attention resolutions (sides in pixels) whose levels have self-attention after each
 *     residual block; default none
 * @param heads attention heads, at least 1, a divisor of {@code channels}; default 1
 * @param dropout probability of dropping an activation before a block's second convolution, 0 to
 *     less than 1; default 0
 * @param timeEmbedding how the time enters a residual block; default {@link TimeConditioning#ADD}
 * @param classConditional whether the network is given the class; default false
 * @param zeroInit whether the last convolution of each block, of each attention and of the network
 *     start at zero, so that blocks start as the identity; default true
 * @param headChannels channels of an attention head, a divisor of {@code channels}, in place of
 *     {@code heads}; default null
 * @param groups groups of every normalisation, a divisor of {@code channels}; default null: 32, or
 *     fewer where that leaves less than 4 channels in each
 * @param conventions small print in which released networks differ; default null: that of {@link
 *     Conventions#DDPM} with {@code timeEmbedding: add}; with {@code scale-shift} that of {@link
 *     Conventions#IDDPM} but for the padding
 */
@Kind("ddpm")
public record UNetConfig(
    Integer channels,
    List<Integer> multipliers,
    Integer blocks,
    List<Integer> attention,
    int heads,
    double dropout,
    TimeConditioning timeEmbedding,
    boolean classConditional,
    boolean zeroInit,
    @OptionalKey Integer headChannels,
    @OptionalKey Integer groups,
    @OptionalKey Conventions conventions)
    implements UNetShape {

  /** How residual blocks learn the time. */
  public enum TimeConditioning {
    /** The projected embedding is added before the second normalisation (DDPM). */
    ADD,
    /** The projected embedding scales and shifts after the second normalisation (iDDPM). */
    SCALE_SHIFT
  }

  /** Small print of the papers' own code. */
  public enum Conventions {
    /**
     * DDPM and DDIM: the sinusoid of the time is [sin, cos], variances are normalised with 1e-6,
     * and pixels are padded at the bottom and right before the image is halved.
     */
    DDPM,
    /** Improved DDPM and what follows it: [cos, sin], 1e-5, padding on all sides. */
    IDDPM
  }

  /** The defaults; channels, multipliers and blocks have none. */
  public UNetConfig() {
    this(null, null, null, List.of());
  }

  /** A network with zero-initialised blocks and additive time conditioning. */
  public UNetConfig(
      Integer channels, List<Integer> multipliers, Integer blocks, List<Integer> attention) {
    this(
        channels,
        multipliers,
        blocks,
        attention,
        1,
        0,
        TimeConditioning.ADD,
        false,
        true,
        null,
        null,
        null);
  }

  public UNetConfig {
    UNetShape.check(channels, multipliers, blocks, attention, dropout);
    UNetShape.checkDivisor("heads", heads, channels);
    UNetShape.checkDivisor("headChannels", headChannels, channels);
    Require.not(
        headChannels != null && heads != 1,
        "heads",
        "has no effect beside headChannels (%s), allowed: one of both",
        heads);
    UNetShape.checkDivisor("groups", groups, channels);
    multipliers = multipliers == null ? null : List.copyOf(multipliers);
    attention = List.copyOf(attention);
  }

  boolean isScaleShift() {
    return timeEmbedding == TimeConditioning.SCALE_SHIFT;
  }

  /** Whether sinusoid and normalisation are those of improved DDPM. */
  public boolean isImproved() {
    return conventions == null ? isScaleShift() : conventions == Conventions.IDDPM;
  }

  /** Attention heads at so many channels. */
  int headsAt(int width) {
    return headChannels == null ? heads : width / headChannels;
  }

  @Override
  public String addTo(GraphBuilder graph, Inputs inputs, long seed) {
    return new DdpmUNet(this, graph, inputs, seed).build();
  }
}
