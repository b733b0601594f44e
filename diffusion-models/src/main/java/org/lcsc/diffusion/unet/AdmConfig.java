package org.lcsc.diffusion.unet;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * Shape of ADM, the U-Net of "Diffusion Models Beat GANs on Image Synthesis" (Dhariwal and Nichol
 * 2021, table 4 and appendix): resampling inside residual blocks, attention heads of a fixed width,
 * the time scales and shifts the second normalisation, the class is added to the time. Attention
 * follows every residual block of its levels, down and up. Predicts no variances.
 *
 * @param imageChannels channels of the images, at least 1
 * @param side height and width of the images, divisible by 2^(levels - 1)
 * @param channels channels of the first level, a multiple of 4
 * @param multipliers factor of {@code channels} at each level, from the full resolution downwards
 * @param blocks residual blocks per level on the way down, at least 1; one more on the way up
 * @param attention resolutions (sides) with self-attention; the middle always has it
 * @param headChannels channels of an attention head, at least 1, a divisor of the channels of every
 *     level with attention
 * @param dropout probability of dropping an activation before a block's second convolution, in [0,
 *     1)
 * @param classes number of class labels, 0 for an unconditional network
 */
public record AdmConfig(
    int imageChannels,
    int side,
    int channels,
    List<Integer> multipliers,
    int blocks,
    List<Integer> attention,
    int headChannels,
    double dropout,
    int classes)
    implements NetworkBody {

  private static final ShapeChecks CHECKS = new ShapeChecks("adm");

  /** Checks every component. */
  public AdmConfig {
    multipliers = List.copyOf(multipliers);
    attention = List.copyOf(attention);
    CHECKS.levels(imageChannels, side, channels, multipliers, blocks, attention);
    CHECKS.require(headChannels >= 1, "headChannels", "at least 1", headChannels);
    for (int level = 0; level < multipliers.size(); level++) {
      boolean middle = level == multipliers.size() - 1;
      int width = channels * multipliers.get(level);
      CHECKS.require(
          width % headChannels == 0 || !(middle || attention.contains(side >> level)),
          "headChannels",
          "a divisor of the " + width + " channels at resolution " + (side >> level),
          headChannels);
    }
    CHECKS.dropoutAndClasses(dropout, classes);
  }

  /**
   * The class-conditional network for ImageNet at 64 pixels, as consistency models use it (Song et
   * al. 2023, table 3): 295,899,267 parameters.
   */
  public static AdmConfig imageNet64() {
    return new AdmConfig(3, 64, 192, List.of(1, 2, 3, 4), 3, List.of(32, 16, 8), 64, 0, 1000);
  }

  /** Channels at a level. */
  public int channelsAt(int level) {
    return channels * multipliers.get(level);
  }

  @Override
  public String addTo(GraphBuilder graph, String image, String time, String label, long seed) {
    return new Adm(this, graph, seed).build(image, time, label);
  }
}
