package org.lcsc.diffusion.unet;

import java.util.ArrayDeque;
import java.util.Deque;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.lcsc.diffusion.layer.ConcatChannels;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.GroupNorm;
import org.lcsc.diffusion.layer.Initialisation;
import org.lcsc.diffusion.layer.Linear;
import org.lcsc.diffusion.layer.ResidualSum;
import org.lcsc.diffusion.layer.SeededDropout;
import org.lcsc.diffusion.layer.Silu;
import org.lcsc.diffusion.layer.TimeEmbedding;

/**
 * The order that all U-Nets share: down through the levels, the middle, and up again with the
 * features that were skipped. Subclasses say what the blocks are. Every method that adds layers
 * returns the name of the last, to chain by.
 */
abstract class UNetLayers {

  private final UNetShape shape;
  private final GraphBuilder graph;
  private final double groupEpsilon;
  private final long seed;

  /** Names of the vertices that give image, time and label. */
  final NetworkBody.Inputs inputs;

  /** The images that the network is for. */
  final NetworkBody.Images images;

  /** Width of the embedding of the time. */
  final int embedding;

  /** A feature map that the way up will see again. */
  private record Skip(String name, int channels) {}

  UNetLayers(
      UNetShape shape,
      GraphBuilder graph,
      NetworkBody.Inputs inputs,
      double groupEpsilon,
      long seed) {
    this.shape = shape;
    this.graph = graph;
    this.inputs = inputs;
    this.images = inputs.images();
    this.groupEpsilon = groupEpsilon;
    this.seed = seed;
    this.embedding = 4 * shape.channels();
  }

  /** A convolution of 3x3 at the ends of the network: its first, or its last. */
  abstract Conv2d end(int in, int out, boolean last);

  /** SiLU of the embedding of time (and class): every block begins its projection with it. */
  abstract String timeEmbedding();

  /** A residual block. */
  abstract String residualBlock(String name, int in, int out, String input, String time);

  /** The way from {@code level} to the next smaller resolution. */
  abstract String down(int level, int channels, String input, String time);

  /** The way from {@code level} to the next larger resolution. */
  abstract String up(int level, int channels, String input, String time);

  /** Self-attention with its residual sum. */
  abstract String attention(String name, int channels, String input);

  /** Attention after a block of the way up, where the level has any. */
  String attentionUp(int level, int block, int channels, String input) {
    return attention("up" + level + "_" + block + "_attention", channels, input);
  }

  /** Adds the body; returns the name of its last convolution. */
  final String build() {
    String time = timeEmbedding();
    int levels = shape.multipliers().size();
    int channels = shape.channels();
    Deque<Skip> skips = new ArrayDeque<>();

    String h = layer("conv_in", end(images.channels(), channels, false), inputs.image());
    skips.push(new Skip(h, channels));
    for (int level = 0; level < levels; level++) {
      for (int block = 0; block < shape.blocks(); block++) {
        String name = "down" + level + "_" + block;
        h = residualBlock(name, channels, shape.channelsAt(level), h, time);
        channels = shape.channelsAt(level);
        h = attends(level) ? attention(name + "_attention", channels, h) : h;
        skips.push(new Skip(h, channels));
      }
      if (level < levels - 1) {
        h = down(level, channels, h, time);
        skips.push(new Skip(h, channels));
      }
    }

    h = residualBlock("middle_0", channels, channels, h, time);
    h = attention("middle_attention", channels, h);
    h = residualBlock("middle_1", channels, channels, h, time);

    for (int level = levels - 1; level >= 0; level--) {
      for (int block = 0; block <= shape.blocks(); block++) {
        String name = "up" + level + "_" + block;
        Skip skip = skips.pop();
        h = vertex(name + "_skip", new ConcatChannels(), h, skip.name());
        h = residualBlock(name, channels + skip.channels(), shape.channelsAt(level), h, time);
        channels = shape.channelsAt(level);
        h = attends(level) ? attentionUp(level, block, channels, h) : h;
      }
      if (level > 0) {
        h = up(level, channels, h, time);
      }
    }

    h = norm("norm_out", channels, true, h);
    return layer("conv_out", end(channels, images.channels(), true), h);
  }

  /** Sinusoid and two dense layers, with a table's row for the class added (DDPM, ADM). */
  final String timeEmbedding(TimeEmbedding.Form form, Initialisation table) {
    int channels = shape.channels();
    String t = layer("time_sinusoid", new TimeEmbedding(channels, form), inputs.time());
    t = layer("time_dense0", new Linear(channels, embedding), t);
    t = layer("time_silu0", new Silu(), t);
    t = layer("time_dense1", new Linear(embedding, embedding), t);
    if (images.classes() > 0) {
      Linear rows = new Linear(images.classes(), embedding, false, table);
      String embedded = layer("label_embedding", rows, inputs.label());
      t = vertex("time_label", new ResidualSum(), t, embedded);
    }
    return layer("time_silu1", new Silu(), t);
  }

  private boolean attends(int level) {
    return shape.attention().contains(images.side() >> level);
  }

  final String layer(String name, Layer layer, String input) {
    graph.addLayer(name, layer, input);
    return name;
  }

  final String vertex(String name, GraphVertex vertex, String... from) {
    graph.addVertex(name, vertex, from);
    return name;
  }

  final String norm(String name, int channels, boolean silu, String input) {
    int groups = shape.groups() == null ? UNetShape.groups(channels) : shape.groups();
    return layer(name, new GroupNorm(channels, groups, groupEpsilon, silu), input);
  }

  /** A convolution whose input is dropped out, with a mask of this layer's own. */
  final String droppedConv(String block, Conv2d conv, String input) {
    if (shape.dropout() > 0) {
      conv.setIDropout(new SeededDropout(shape.dropout(), 31 * seed + block.hashCode()));
    }
    return layer(block + "_conv1", conv, input);
  }
}
