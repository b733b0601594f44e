package org.lcsc.diffusion.unet;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * Shape of the U-Nets DDPM++ and NCSN++ (Song et al. 2021, "Score-Based Generative Modeling through
 * SDEs") as EDM trains them (Karras et al. 2022, appendix F.5): residual sums scaled by sqrt(1/2),
 * resampling inside residual blocks, attention with one normalisation of its own, Xavier
 * initialisation. Without EDM's augmentation labels.
 *
 * @param imageChannels channels of the images, at least 1
 * @param side height and width of the images, divisible by 2^(levels - 1)
 * @param channels channels of the first convolution, a multiple of 4
 * @param multipliers factor of {@code channels} at each level, from the full resolution downwards
 * @param blocks residual blocks per level on the way down, at least 1; one more on the way up
 * @param attention resolutions (sides) with self-attention: after every residual block on the way
 *     down, after the last one on the way up; the middle always has it
 * @param heads attention heads, at least 1
 * @param noiseEmbedding how the network sees its time input
 * @param encoder what else the way down sees
 * @param resampleTaps filter of the resampling, an even number of values; (1, 1) averages and
 *     repeats, (1, 3, 3, 1) is smoother
 * @param dropout probability of dropping an activation before a block's second convolution, in [0,
 *     1)
 * @param classes number of class labels, 0 for an unconditional network
 */
public record SongUNetConfig(
    int imageChannels,
    int side,
    int channels,
    List<Integer> multipliers,
    int blocks,
    List<Integer> attention,
    int heads,
    NoiseEmbedding noiseEmbedding,
    Encoder encoder,
    List<Integer> resampleTaps,
    double dropout,
    int classes)
    implements NetworkBody {

  /** Features of the time input. */
  public enum NoiseEmbedding {
    /** As many sines and cosines of geometric frequencies as channels (DDPM++). */
    POSITIONAL,
    /**
     * Twice as many random Fourier features of scale 16, for t = ln(sigma) / 4 (NCSN++). Their
     * frequencies are the same whatever the seed of the network.
     */
    FOURIER
  }

  /** The ways down. */
  public enum Encoder {
    /** Only the features (DDPM++). */
    STANDARD,
    /** At each resolution a filtered, smaller image is convolved into the features (NCSN++). */
    RESIDUAL
  }

  private static final ShapeChecks CHECKS = new ShapeChecks("song-unet");

  /** Checks every component. */
  public SongUNetConfig {
    multipliers = List.copyOf(multipliers);
    attention = List.copyOf(attention);
    resampleTaps = List.copyOf(resampleTaps);
    CHECKS.levels(imageChannels, side, channels, multipliers, blocks, attention);
    CHECKS.heads(heads, channels, multipliers);
    CHECKS.require(noiseEmbedding != null, "noiseEmbedding", "a kind", null);
    CHECKS.require(encoder != null, "encoder", "a kind", null);
    CHECKS.require(
        !resampleTaps.isEmpty()
            && resampleTaps.size() % 2 == 0
            && resampleTaps.stream().mapToInt(Integer::intValue).sum() != 0,
        "resampleTaps",
        "an even number of values that do not sum to 0",
        resampleTaps);
    CHECKS.dropoutAndClasses(dropout, classes);
  }

  /** NCSN++: Fourier features, residual encoder, taps (1, 3, 3, 1), one head, no classes. */
  public static SongUNetConfig ncsnpp(
      int imageChannels,
      int side,
      int channels,
      List<Integer> multipliers,
      int blocks,
      List<Integer> attention) {
    return new SongUNetConfig(
        imageChannels,
        side,
        channels,
        multipliers,
        blocks,
        attention,
        1,
        NoiseEmbedding.FOURIER,
        Encoder.RESIDUAL,
        List.of(1, 3, 3, 1),
        0,
        0);
  }

  /** DDPM++: positional features, standard encoder, taps (1, 1), one head, no classes. */
  public static SongUNetConfig ddpmpp(
      int imageChannels,
      int side,
      int channels,
      List<Integer> multipliers,
      int blocks,
      List<Integer> attention) {
    return new SongUNetConfig(
        imageChannels,
        side,
        channels,
        multipliers,
        blocks,
        attention,
        1,
        NoiseEmbedding.POSITIONAL,
        Encoder.STANDARD,
        List.of(1, 1),
        0,
        0);
  }

  /**
   * EDM's NCSN++ for CIFAR-10, unconditional: 56,395,523 parameters. The network of the LCSC
   * paper's consistency models on CIFAR-10, which train it without dropout.
   */
  public static SongUNetConfig ncsnppCifar10() {
    return ncsnpp(3, 32, 128, List.of(2, 2, 2), 4, List.of(16));
  }

  /**
   * EDM's DDPM++ for CIFAR-10, unconditional: 55,732,739 parameters; EDM's 55.7 million have 1,152
   * more for its augmentation labels.
   */
  public static SongUNetConfig ddpmppCifar10() {
    return ddpmpp(3, 32, 128, List.of(2, 2, 2), 4, List.of(16));
  }

  /** The same shape with another number of heads, dropout and classes. */
  public SongUNetConfig with(int heads, double dropout, int classes) {
    return new SongUNetConfig(
        imageChannels,
        side,
        channels,
        multipliers,
        blocks,
        attention,
        heads,
        noiseEmbedding,
        encoder,
        resampleTaps,
        dropout,
        classes);
  }

  /** Channels at a level. */
  public int channelsAt(int level) {
    return channels * multipliers.get(level);
  }

  /** Features of the time input. */
  int noiseChannels() {
    return noiseEmbedding == NoiseEmbedding.FOURIER ? 2 * channels : channels;
  }

  @Override
  public String addTo(GraphBuilder graph, String image, String time, String label, long seed) {
    return new SongUNet(this, graph, seed).build(image, time, label);
  }
}
