package org.lcsc.diffusion.unet;

import java.math.BigInteger;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;

/**
 * ADM, the U-Net of "Diffusion Models Beat GANs on Image Synthesis" (Dhariwal and Nichol 2021,
 * table 4 and appendix): resampling inside residual blocks, attention heads of a fixed width, the
 * time scales and shifts the second normalisation, the class is added to the time. Attention
 * follows every residual block of its levels, down and up; the middle always has it. Predicts no
 * variances. The network of consistency models for ImageNet at 64 pixels (Song et al. 2023, table
 * 3) has 295,899,267 parameters:
 *
 * <pre>{@code
 * unet: { architecture: adm, channels: 192, multipliers: [1, 2, 3, 4], blocks: 3,
 *         attention: [32, 16, 8], headChannels: 64, classConditional: true }
 * }</pre>
 *
 * @param channels channels of the first level before its multiplier, a multiple of 4
 * @param multipliers channels of each level as multiples of {@code channels}, at least 1 each;
 *     their number is the number of levels
 * @param blocks residual blocks per level on the way down, 1 to 64; one more on the way up
 * @param attention resolutions (sides in pixels) with self-attention; default none
 * @param headChannels channels of an attention head, at least 1, a divisor of {@code channels};
 *     default: the greatest common divisor of 64 and {@code channels}
 * @param dropout probability of dropping an activation before a block's second convolution, 0 to
 *     less than 1; default 0
 * @param classConditional whether the network is given the class; default false
 * @param groups groups of every normalisation, a divisor of {@code channels}; default null: 32, or
 *     fewer where that leaves less than 4 channels in each
 */
@Kind("adm")
public record AdmConfig(
    Integer channels,
    List<Integer> multipliers,
    Integer blocks,
    List<Integer> attention,
    @OptionalKey Integer headChannels,
    double dropout,
    boolean classConditional,
    @OptionalKey Integer groups)
    implements UNetShape {

  private static final BigInteger USUAL_HEAD = BigInteger.valueOf(64);

  /** The defaults; channels, multipliers and blocks have none. */
  public AdmConfig() {
    this(null, null, null, List.of(), null, 0, false, null);
  }

  /** Fills in the width of the heads and validates. */
  public AdmConfig {
    UNetShape.check(channels, multipliers, blocks, attention, dropout);
    if (headChannels == null && channels != null) {
      headChannels = BigInteger.valueOf(channels).gcd(USUAL_HEAD).intValue();
    }
    UNetShape.checkDivisor("headChannels", headChannels, channels);
    UNetShape.checkDivisor("groups", groups, channels);
    multipliers = multipliers == null ? null : List.copyOf(multipliers);
    attention = List.copyOf(attention);
  }

  @Override
  public String addTo(GraphBuilder graph, Inputs inputs, long seed) {
    return new Adm(this, graph, inputs, seed).build();
  }
}
