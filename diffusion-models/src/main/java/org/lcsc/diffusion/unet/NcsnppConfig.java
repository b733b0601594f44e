package org.lcsc.diffusion.unet;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.diffusion.layer.FourierEmbedding;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.io.Text;

/**
 * NCSN++ as EDM trains it (Song et al. 2021, Karras et al. 2022): Fourier features of the noise
 * level, a residual encoder, resampling by the taps (1, 3, 3, 1). EDM's network for CIFAR-10, also
 * that of the LCSC paper's consistency models, has 56,395,523 parameters:
 *
 * <pre>{@code
 * unet: { architecture: ncsnpp, channels: 128, multipliers: [2, 2, 2], blocks: 4, attention: [16] }
 * }</pre>
 *
 * @param channels channels of the first convolution, a multiple of 4
 * @param multipliers channels of each level as multiples of {@code channels}, at least 1 each;
 *     their number is the number of levels
 * @param blocks residual blocks per level on the way down, 1 to 64; one more on the way up
 * @param attention resolutions (sides in pixels) with self-attention: after every residual block on
 *     the way down, after the last one on the way up; the middle always has it; default none
 * @param heads attention heads, at least 1, a divisor of {@code channels}; default 1
 * @param dropout probability of dropping an activation before a block's second convolution, 0 to
 *     less than 1; default 0
 * @param classConditional whether the network is given the class; default false
 * @param frequencies of the Fourier features, finite, as many as {@code channels}: those of a
 *     released network; default null: this library's, the same for every network of a width
 */
@Kind("ncsnpp")
public record NcsnppConfig(
    Integer channels,
    List<Integer> multipliers,
    Integer blocks,
    List<Integer> attention,
    int heads,
    double dropout,
    boolean classConditional,
    @OptionalKey List<Double> frequencies)
    implements UNetShape {

  /** The defaults; channels, multipliers and blocks have none. */
  public NcsnppConfig() {
    this(null, null, null, List.of(), 1, 0, false, null);
  }

  public NcsnppConfig {
    UNetShape.check(channels, multipliers, blocks, attention, dropout);
    UNetShape.checkDivisor("heads", heads, channels);
    multipliers = multipliers == null ? null : List.copyOf(multipliers);
    attention = List.copyOf(attention);
    if (frequencies != null) {
      frequencies = List.copyOf(frequencies);
      if (channels != null && frequencies.size() != channels) {
        throw new InvalidValueException(
            "frequencies",
            Text.format(
                "not as many as channels (%d, channels %d), allowed: %d numbers",
                frequencies.size(), channels, channels));
      }
    }
  }

  /** This library's frequencies for a network of this width. */
  public List<Double> usualFrequencies() {
    return Arrays.stream(SongUNet.fourier(channels).frequencies()).boxed().toList();
  }

  @Override
  public NetworkTime usualTime() {
    return NetworkTime.QUARTER_LOG;
  }

  @Override
  public Optional<String> againstTimeSteps() {
    return Optional.of(
        "random Fourier features are made for the logarithm of a noise level, kind: diffusion"
            + " gives them time steps; ddpmpp is made for these");
  }

  @Override
  public String addTo(GraphBuilder graph, Inputs inputs, long seed) {
    FourierEmbedding fourier =
        frequencies == null
            ? SongUNet.fourier(channels)
            : new FourierEmbedding(frequencies.stream().mapToDouble(Double::doubleValue).toArray());
    return new SongUNet(this, heads, SongUNet.Variant.ncsnpp(fourier), graph, inputs, seed).build();
  }
}
