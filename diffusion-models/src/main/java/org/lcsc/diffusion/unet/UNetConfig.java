package org.lcsc.diffusion.unet;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lcsc.diffusion.layer.TimeEmbedding;

/**
 * Shape of the U-Net of DDPM, DDIM and improved DDPM.
 *
 * @param imageChannels channels of the images, at least 1
 * @param side height and width of the images, divisible by 2^(levels - 1)
 * @param channels channels of the first level, a multiple of 4
 * @param multipliers factor of {@code channels} at each level, from the full resolution downwards
 * @param blocks residual blocks per level on the way down, at least 1; one more on the way up
 * @param attention resolutions (sides) with self-attention after each residual block; the middle
 *     always has it
 * @param heads attention heads, at least 1
 * @param timeConditioning how residual blocks learn the time
 * @param timeEmbedding convention of the sinusoidal embedding
 * @param groupEpsilon added to the variances of group normalisation
 * @param dropout probability of dropping an activation before a block's second convolution, in [0,
 *     1)
 * @param classes number of class labels, 0 for an unconditional network
 * @param zeroInit whether the last convolution of each block, of each attention and of the network
 *     start at zero, so that blocks start as the identity
 */
public record UNetConfig(
    int imageChannels,
    int side,
    int channels,
    List<Integer> multipliers,
    int blocks,
    List<Integer> attention,
    int heads,
    TimeConditioning timeConditioning,
    TimeEmbedding.Form timeEmbedding,
    double groupEpsilon,
    double dropout,
    int classes,
    boolean zeroInit)
    implements NetworkBody {

  private static final ShapeChecks CHECKS = new ShapeChecks("unet");

  /** How residual blocks learn the time. */
  public enum TimeConditioning {
    /** The projected embedding is added before the second normalisation (DDPM). */
    ADD,
    /** The projected embedding scales and shifts after the second normalisation (iDDPM). */
    SCALE_SHIFT
  }

  /** Checks every component. */
  public UNetConfig {
    multipliers = List.copyOf(multipliers);
    attention = List.copyOf(attention);
    CHECKS.levels(imageChannels, side, channels, multipliers, blocks, attention);
    CHECKS.heads(heads, channels, multipliers);
    CHECKS.require(groupEpsilon > 0, "groupEpsilon", "above 0", groupEpsilon);
    CHECKS.dropoutAndClasses(dropout, classes);
  }

  /** Sides of the levels of a network, from the full resolution downwards. */
  public static List<Integer> resolutions(int side, int levels) {
    List<Integer> resolutions = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      resolutions.add(side >> level);
    }
    return resolutions;
  }

  @Override
  public String addTo(GraphBuilder graph, String image, String time, String label, long seed) {
    return new UNet(this, graph, seed).build(image, time, label);
  }

  /** Channels at a level. */
  public int channelsAt(int level) {
    return channels * multipliers.get(level);
  }

  /**
   * Groups of a normalisation over so many channels: the largest divisor that is at most 32 and
   * leaves four channels per group. For the published networks (128 channels and more) that is 32.
   */
  public static int groups(int channels) {
    int groups = Math.min(32, Math.max(1, channels / 4));
    while (channels % groups != 0) {
      groups--;
    }
    return groups;
  }

  /** A small network with zero-initialised blocks and additive time conditioning. */
  public static UNetConfig small(
      int imageChannels,
      int side,
      int channels,
      List<Integer> multipliers,
      int blocks,
      List<Integer> attention) {
    return new UNetConfig(
        imageChannels,
        side,
        channels,
        multipliers,
        blocks,
        attention,
        1,
        TimeConditioning.ADD,
        TimeEmbedding.Form.SIN_COS,
        1e-6,
        0,
        0,
        true);
  }

  /** The CIFAR-10 network of DDPM (Ho et al. 2020) and DDIM (Song et al. 2020): 35.7 million. */
  public static UNetConfig ddimCifar10() {
    return new UNetConfig(
        3,
        32,
        128,
        List.of(1, 2, 2, 2),
        2,
        List.of(16),
        1,
        TimeConditioning.ADD,
        TimeEmbedding.Form.SIN_COS,
        1e-6,
        0.1,
        0,
        false);
  }

  /**
   * The ImageNet-64 network of improved DDPM as the LCSC paper trains it, without learned sigma:
   * 121,060,483 parameters.
   */
  public static UNetConfig iddpmImageNet64() {
    return new UNetConfig(
        3,
        64,
        128,
        List.of(1, 2, 3, 4),
        3,
        List.of(16, 8),
        4,
        TimeConditioning.SCALE_SHIFT,
        TimeEmbedding.Form.COS_SIN,
        1e-5,
        0,
        0,
        true);
  }
}
