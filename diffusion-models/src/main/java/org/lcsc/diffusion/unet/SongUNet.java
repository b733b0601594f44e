package org.lcsc.diffusion.unet;

import static org.lcsc.diffusion.layer.Initialisation.XAVIER;

import java.util.ArrayDeque;
import java.util.Deque;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.lcsc.diffusion.layer.AddEmbedding;
import org.lcsc.diffusion.layer.ConcatChannels;
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
import org.lcsc.diffusion.unet.BodyGraph.Skip;
import org.lcsc.diffusion.unet.SongUNetConfig.Encoder;
import org.lcsc.diffusion.unet.SongUNetConfig.NoiseEmbedding;

/** Builds DDPM++ and NCSN++ from a {@link SongUNetConfig}. */
final class SongUNet {

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

  private final SongUNetConfig config;
  private final BodyGraph graph;
  private final int embedding;
  private final double[] taps;

  SongUNet(SongUNetConfig config, GraphBuilder graph, long seed) {
    this.config = config;
    this.graph = new BodyGraph(graph, GROUP_EPSILON, config.dropout(), seed);
    this.embedding = 4 * config.channels();
    this.taps = config.resampleTaps().stream().mapToDouble(Integer::doubleValue).toArray();
  }

  private static Conv2d conv(int in, int out, int kernel, double gain) {
    return new Conv2d(in, out, kernel, 1, gain, XAVIER);
  }

  private static Linear linear(int in, int out) {
    return new Linear(in, out, true, XAVIER);
  }

  private String sum(String name, String a, String b) {
    return graph.vertex(name, new ResidualSum(SKIP_SCALE), a, b);
  }

  private String resample(String name, Direction direction, String input) {
    return graph.layer(name, new FirResample(taps, direction), input);
  }

  String build(String image, String timeInput, String label) {
    String time = timeEmbedding(timeInput, label);
    int levels = config.multipliers().size();
    int channels = config.channels();
    Deque<Skip> skips = new ArrayDeque<>();

    String h = graph.layer("conv_in", conv(config.imageChannels(), channels, 3, 1), image);
    skips.push(new Skip(h, channels));
    Skip pyramid = new Skip(image, config.imageChannels());
    for (int level = 0; level < levels; level++) {
      if (level > 0) {
        h = residualBlock("down" + level + "_sample", channels, channels, Direction.DOWN, h, time);
        if (config.encoder() == Encoder.RESIDUAL) {
          h = sum("down" + level + "_pyramid", h, smaller(level, pyramid, channels));
          pyramid = new Skip(h, channels);
        }
        skips.push(new Skip(h, channels));
      }
      for (int block = 0; block < config.blocks(); block++) {
        String name = "down" + level + "_" + block;
        h = residualBlock(name, channels, config.channelsAt(level), null, h, time);
        channels = config.channelsAt(level);
        h = attends(level) ? attention(name + "_attention", channels, h) : h;
        skips.push(new Skip(h, channels));
      }
    }

    h = residualBlock("middle_0", channels, channels, null, h, time);
    h = attention("middle_attention", channels, h);
    h = residualBlock("middle_1", channels, channels, null, h, time);

    for (int level = levels - 1; level >= 0; level--) {
      if (level < levels - 1) {
        h = residualBlock("up" + level + "_sample", channels, channels, Direction.UP, h, time);
      }
      for (int block = 0; block <= config.blocks(); block++) {
        String name = "up" + level + "_" + block;
        Skip skip = skips.pop();
        h = graph.vertex(name + "_skip", new ConcatChannels(), h, skip.name());
        int in = channels + skip.channels();
        h = residualBlock(name, in, config.channelsAt(level), null, h, time);
        channels = config.channelsAt(level);
      }
      h = attends(level) ? attention("up" + level + "_attention", channels, h) : h;
    }

    h = graph.norm("norm_out", channels, true, h);
    return graph.layer("conv_out", conv(channels, config.imageChannels(), 3, LAST_GAIN), h);
  }

  private String timeEmbedding(String time, String label) {
    int features = config.noiseChannels();
    String t =
        config.noiseEmbedding() == NoiseEmbedding.FOURIER
            ? graph.layer(
                "time_fourier", new FourierEmbedding(features, FOURIER_SCALE, FOURIER_SEED), time)
            : graph.layer(
                "time_sinusoid", new TimeEmbedding(features, TimeEmbedding.Form.SIN_COS), time);
    if (config.classes() > 0) {
      // A one-hot row has length 1; scaled, its entries have variance near 1 like the features.
      String scaled =
          graph.vertex("label_scaled", new ScaleVertex(Math.sqrt(config.classes())), label);
      String embedded = graph.layer("label_embedding", linear(config.classes(), features), scaled);
      t = graph.vertex("time_label", new ResidualSum(), t, embedded);
    }
    t = graph.layer("time_dense0", linear(features, embedding), t);
    t = graph.layer("time_silu0", new Silu(), t);
    t = graph.layer("time_dense1", linear(embedding, embedding), t);
    return graph.layer("time_silu1", new Silu(), t);
  }

  private boolean attends(int level) {
    return config.attention().contains(config.side() >> level);
  }

  /**
   * The pyramid of the residual encoder one level down: a convolution, then the filter. The image
   * is padded so far that the filter's outermost taps see convolved pixels, not zeros.
   */
  private String smaller(int level, Skip pyramid, int out) {
    String name = "down" + level + "_pyramid";
    int ring = FirResample.ringOf(taps);
    String h = pyramid.name();
    if (ring > 0) {
      h = graph.layer(name + "_pad", new ZeroPad(ring), h);
    }
    h = graph.layer(name + "_conv", conv(pyramid.channels(), out, 3, 1), h);
    return graph.layer(name + "_fir", FirResample.downWithRing(taps), h);
  }

  /** A residual block; {@code direction} says how it resamples, null for not at all. */
  private String residualBlock(
      String name, int in, int out, Direction direction, String input, String time) {
    String h = graph.norm(name + "_norm0", in, true, input);
    String shortcut = input;
    if (direction != null) {
      h = resample(name + "_fir", direction, h);
      shortcut = resample(name + "_shortcut_fir", direction, shortcut);
    }
    h = graph.layer(name + "_conv0", conv(in, out, 3, 1), h);
    String projected = graph.layer(name + "_time", linear(embedding, out), time);
    h = graph.vertex(name + "_timed", new AddEmbedding(), h, projected);
    h = graph.norm(name + "_norm1", out, true, h);
    h = graph.droppedConv(name + "_conv1", name, conv(out, out, 3, LAST_GAIN), h);
    if (direction != null || in != out) {
      shortcut = graph.layer(name + "_shortcut", conv(in, out, 1, 1), shortcut);
    }
    return sum(name, shortcut, h);
  }

  private String attention(String name, int channels, String input) {
    String h = graph.norm(name + "_norm", channels, false, input);
    h =
        graph.layer(
            name + "_heads",
            new SelfAttention2d(channels, config.heads(), ATTENTION_GAIN, LAST_GAIN, XAVIER),
            h);
    return sum(name, input, h);
  }
}
