package org.lcsc.diffusion.unet;

import static org.lcsc.diffusion.layer.Initialisation.XAVIER;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.lcsc.diffusion.layer.AddEmbedding;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.FirResample;
import org.lcsc.diffusion.layer.FirResample.Direction;
import org.lcsc.diffusion.layer.FourierEmbedding;
import org.lcsc.diffusion.layer.Linear;
import org.lcsc.diffusion.layer.ResidualSum;
import org.lcsc.diffusion.layer.SelfAttention2d;
import org.lcsc.diffusion.layer.Silu;
import org.lcsc.diffusion.layer.TimeEmbedding;
import org.lcsc.diffusion.layer.ZeroPad;

/**
 * Builds DDPM++ and NCSN++ (Song et al. 2021, "Score-Based Generative Modeling through SDEs") as
 * EDM trains them (Karras et al. 2022, appendix F.5): residual sums scaled by sqrt(1/2), resampling
 * inside residual blocks, attention with one normalisation of its own, Xavier initialisation.
 * Without EDM's augmentation labels.
 */
final class SongUNet extends UNetLayers {

  /** The ways down. */
  enum Encoder {
    /** Only the features (DDPM++). */
    STANDARD,
    /** At each resolution a filtered, smaller image is convolved into the features (NCSN++). */
    RESIDUAL
  }

  /**
   * What sets the two networks apart.
   *
   * @param fourier twice as many random features of the time input as channels, for t = ln(sigma) /
   *     4 (NCSN++); null for as many sines and cosines of geometric frequencies (DDPM++)
   * @param encoder what else the way down sees
   * @param taps filter of the resampling, an even number of values; (1, 1) averages and repeats,
   *     (1, 3, 3, 1) is smoother
   */
  record Variant(FourierEmbedding fourier, Encoder encoder, double... taps) {

    static final Variant DDPMPP = new Variant(null, Encoder.STANDARD, 1, 1);

    static Variant ncsnpp(FourierEmbedding fourier) {
      return new Variant(fourier, Encoder.RESIDUAL, 1, 3, 3, 1);
    }
  }

  private static final double GROUP_EPSILON = 1e-6;
  private static final double FOURIER_SCALE = 16;

  /**
   * The random frequencies are the same in every network of a width: weights that are copied into a
   * network of another seed, as a teacher's are, mean nothing with other frequencies.
   */
  private static final long FOURIER_SEED = 201_113_456;

  /** Sums of two signals of equal variance keep that variance. */
  private static final double SKIP_SCALE = Math.sqrt(0.5);

  /** Gains of the initial weights: of what ends a branch, and of query, key and value. */
  private static final double LAST_GAIN = 1e-5;

  private static final double ATTENTION_GAIN = Math.sqrt(0.2);

  private final UNetShape shape;
  private final int heads;
  private final Variant variant;

  /** What the residual encoder has made of the image so far, and its channels. */
  private String pyramid;

  private int pyramidChannels;

  SongUNet(
      UNetShape shape,
      int heads,
      Variant variant,
      GraphBuilder graph,
      NetworkBody.Inputs inputs,
      long seed) {
    super(shape, graph, inputs, GROUP_EPSILON, seed);
    this.shape = shape;
    this.heads = heads;
    this.variant = variant;
    this.pyramid = inputs.image();
    this.pyramidChannels = images.channels();
  }

  /** Features of random frequencies for a network of so many channels. */
  static FourierEmbedding fourier(int channels) {
    return new FourierEmbedding(2 * channels, FOURIER_SCALE, FOURIER_SEED);
  }

  private static Conv2d conv(int in, int out, int kernel, double gain) {
    return new Conv2d(in, out, kernel, 1, gain, XAVIER);
  }

  private static Linear linear(int in, int out) {
    return new Linear(in, out, true, XAVIER);
  }

  private String sum(String name, String a, String b) {
    return vertex(name, new ResidualSum(SKIP_SCALE), a, b);
  }

  private String resample(String name, Direction direction, String input) {
    return layer(name, new FirResample(variant.taps(), direction), input);
  }

  @Override
  Conv2d end(int in, int out, boolean last) {
    return conv(in, out, 3, last ? LAST_GAIN : 1);
  }

  @Override
  String timeEmbedding() {
    boolean fourier = variant.fourier() != null;
    int features = fourier ? 2 * shape.channels() : shape.channels();
    String t =
        fourier
            ? layer("time_fourier", variant.fourier(), inputs.time())
            : layer(
                "time_sinusoid",
                new TimeEmbedding(features, TimeEmbedding.Form.SIN_COS),
                inputs.time());
    if (images.classes() > 0) {
      // A one-hot row has length 1; scaled, its entries have variance near 1 like the features.
      ScaleVertex scale = new ScaleVertex(Math.sqrt(images.classes()));
      String scaled = vertex("label_scaled", scale, inputs.label());
      String embedded = layer("label_embedding", linear(images.classes(), features), scaled);
      t = vertex("time_label", new ResidualSum(), t, embedded);
    }
    t = layer("time_dense0", linear(features, embedding), t);
    t = layer("time_silu0", new Silu(), t);
    t = layer("time_dense1", linear(embedding, embedding), t);
    return layer("time_silu1", new Silu(), t);
  }

  @Override
  String residualBlock(String name, int in, int out, String input, String time) {
    return residualBlock(name, in, out, null, input, time);
  }

  /** Named by the level that it leads to. */
  @Override
  String down(int level, int channels, String input, String time) {
    String name = "down" + (level + 1);
    String h = residualBlock(name + "_sample", channels, channels, Direction.DOWN, input, time);
    if (variant.encoder() == Encoder.RESIDUAL) {
      h = sum(name + "_pyramid", h, smaller(name + "_pyramid", channels));
      pyramid = h;
      pyramidChannels = channels;
    }
    return h;
  }

  /** Named by the level that it leads to. */
  @Override
  String up(int level, int channels, String input, String time) {
    String name = "up" + (level - 1) + "_sample";
    return residualBlock(name, channels, channels, Direction.UP, input, time);
  }

  /** On the way up only the last block of a level is followed by attention. */
  @Override
  String attentionUp(int level, int block, int channels, String input) {
    return block < shape.blocks() ? input : attention("up" + level + "_attention", channels, input);
  }

  /**
   * The pyramid of the residual encoder one level down: a convolution, then the filter. The image
   * is padded so far that the filter's outermost taps see convolved pixels, not zeros.
   */
  private String smaller(String name, int out) {
    int ring = FirResample.ringOf(variant.taps());
    String h = pyramid;
    if (ring > 0) {
      h = layer(name + "_pad", new ZeroPad(ring), h);
    }
    h = layer(name + "_conv", conv(pyramidChannels, out, 3, 1), h);
    return layer(name + "_fir", FirResample.downWithRing(variant.taps()), h);
  }

  /** A residual block; {@code direction} says how it resamples, null for not at all. */
  private String residualBlock(
      String name, int in, int out, Direction direction, String input, String time) {
    String h = norm(name + "_norm0", in, true, input);
    String shortcut = input;
    if (direction != null) {
      h = resample(name + "_fir", direction, h);
      shortcut = resample(name + "_shortcut_fir", direction, shortcut);
    }
    h = layer(name + "_conv0", conv(in, out, 3, 1), h);
    String projected = layer(name + "_time", linear(embedding, out), time);
    h = vertex(name + "_timed", new AddEmbedding(), h, projected);
    h = norm(name + "_norm1", out, true, h);
    h = droppedConv(name, conv(out, out, 3, LAST_GAIN), h);
    if (direction != null || in != out) {
      shortcut = layer(name + "_shortcut", conv(in, out, 1, 1), shortcut);
    }
    return sum(name, shortcut, h);
  }

  @Override
  String attention(String name, int channels, String input) {
    String h = norm(name + "_norm", channels, false, input);
    SelfAttention2d attention =
        new SelfAttention2d(channels, heads, ATTENTION_GAIN, LAST_GAIN, XAVIER);
    h = layer(name + "_heads", attention, h);
    return sum(name, input, h);
  }
}
