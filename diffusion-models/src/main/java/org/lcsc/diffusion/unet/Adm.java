package org.lcsc.diffusion.unet;

import java.util.ArrayDeque;
import java.util.Deque;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lcsc.diffusion.layer.ConcatChannels;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.FirResample;
import org.lcsc.diffusion.layer.FirResample.Direction;
import org.lcsc.diffusion.layer.Initialisation;
import org.lcsc.diffusion.layer.Linear;
import org.lcsc.diffusion.layer.ResidualSum;
import org.lcsc.diffusion.layer.ScaleShift;
import org.lcsc.diffusion.layer.SelfAttention2d;
import org.lcsc.diffusion.layer.Silu;
import org.lcsc.diffusion.layer.TimeEmbedding;
import org.lcsc.diffusion.unet.BodyGraph.Skip;

/** Builds ADM from an {@link AdmConfig}. */
final class Adm {

  private static final double GROUP_EPSILON = 1e-5;

  /** Taps of average pooling and of nearest-neighbour upsampling. */
  private static final double[] BOX = {1, 1};

  private final AdmConfig config;
  private final BodyGraph graph;
  private final int embedding;

  Adm(AdmConfig config, GraphBuilder graph, long seed) {
    this.config = config;
    this.graph = new BodyGraph(graph, GROUP_EPSILON, config.dropout(), seed);
    this.embedding = 4 * config.channels();
  }

  String build(String image, String timeInput, String label) {
    String time = timeEmbedding(timeInput, label);
    int levels = config.multipliers().size();
    int channels = config.channelsAt(0);
    Deque<Skip> skips = new ArrayDeque<>();

    String h = graph.layer("conv_in", new Conv2d(config.imageChannels(), channels, 3), image);
    skips.push(new Skip(h, channels));
    for (int level = 0; level < levels; level++) {
      for (int block = 0; block < config.blocks(); block++) {
        String name = "down" + level + "_" + block;
        h = residualBlock(name, channels, config.channelsAt(level), null, h, time);
        channels = config.channelsAt(level);
        h = attends(level) ? attention(name + "_attention", channels, h) : h;
        skips.push(new Skip(h, channels));
      }
      if (level < levels - 1) {
        h = residualBlock("down" + level + "_sample", channels, channels, Direction.DOWN, h, time);
        skips.push(new Skip(h, channels));
      }
    }

    h = residualBlock("middle_0", channels, channels, null, h, time);
    h = attention("middle_attention", channels, h);
    h = residualBlock("middle_1", channels, channels, null, h, time);

    for (int level = levels - 1; level >= 0; level--) {
      for (int block = 0; block <= config.blocks(); block++) {
        String name = "up" + level + "_" + block;
        Skip skip = skips.pop();
        h = graph.vertex(name + "_skip", new ConcatChannels(), h, skip.name());
        int in = channels + skip.channels();
        h = residualBlock(name, in, config.channelsAt(level), null, h, time);
        channels = config.channelsAt(level);
        h = attends(level) ? attention(name + "_attention", channels, h) : h;
      }
      if (level > 0) {
        h = residualBlock("up" + level + "_sample", channels, channels, Direction.UP, h, time);
      }
    }

    h = graph.norm("norm_out", channels, true, h);
    return graph.layer("conv_out", new Conv2d(channels, config.imageChannels(), 3, 1, 0), h);
  }

  /** SiLU of the embedding of time (and class): every block begins its projection with it. */
  private String timeEmbedding(String time, String label) {
    int channels = config.channels();
    String t =
        graph.layer("time_sinusoid", new TimeEmbedding(channels, TimeEmbedding.Form.COS_SIN), time);
    t = graph.layer("time_dense0", new Linear(channels, embedding), t);
    t = graph.layer("time_silu0", new Silu(), t);
    t = graph.layer("time_dense1", new Linear(embedding, embedding), t);
    if (config.classes() > 0) {
      Linear table = new Linear(config.classes(), embedding, false, Initialisation.NORMAL);
      t =
          graph.vertex(
              "time_label", new ResidualSum(), t, graph.layer("label_embedding", table, label));
    }
    return graph.layer("time_silu1", new Silu(), t);
  }

  private boolean attends(int level) {
    return config.attention().contains(config.side() >> level);
  }

  private String resample(String name, Direction direction, String input) {
    return graph.layer(name, new FirResample(BOX, direction), input);
  }

  /** A residual block; {@code direction} says how it resamples, null for not at all. */
  private String residualBlock(
      String name, int in, int out, Direction direction, String input, String time) {
    String h = graph.norm(name + "_norm0", in, true, input);
    String shortcut = input;
    if (direction != null) {
      h = resample(name + "_resampled", direction, h);
      shortcut = resample(name + "_shortcut_resampled", direction, shortcut);
    }
    h = graph.layer(name + "_conv0", new Conv2d(in, out, 3), h);
    String projected = graph.layer(name + "_time", new Linear(embedding, 2 * out), time);
    h = graph.norm(name + "_norm1", out, false, h);
    h = graph.vertex(name + "_modulated", new ScaleShift(), h, projected);
    h = graph.layer(name + "_silu", new Silu(), h);
    h = graph.droppedConv(name + "_conv1", name, new Conv2d(out, out, 3, 1, 0), h);
    if (in != out) {
      shortcut = graph.layer(name + "_shortcut", new Conv2d(in, out, 1), shortcut);
    }
    return graph.vertex(name, new ResidualSum(), shortcut, h);
  }

  private String attention(String name, int channels, String input) {
    String h = graph.norm(name + "_norm", channels, false, input);
    int heads = channels / config.headChannels();
    h = graph.layer(name + "_heads", new SelfAttention2d(channels, heads, 0), h);
    return graph.vertex(name, new ResidualSum(), input, h);
  }
}
