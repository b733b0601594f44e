package org.lcsc.diffusion.unet;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.GroupNorm;
import org.lcsc.diffusion.layer.SeededDropout;

/** Adds layers to a graph; every method returns the name of what it added, to chain by. */
final class BodyGraph {

  /** A feature map that the way up will see again. */
  record Skip(String name, int channels) {}

  private final GraphBuilder graph;
  private final double groupEpsilon;
  private final double dropout;
  private final long seed;

  BodyGraph(GraphBuilder graph, double groupEpsilon, double dropout, long seed) {
    this.graph = graph;
    this.groupEpsilon = groupEpsilon;
    this.dropout = dropout;
    this.seed = seed;
  }

  String layer(String name, Layer layer, String input) {
    graph.addLayer(name, layer, input);
    return name;
  }

  String vertex(String name, GraphVertex vertex, String... inputs) {
    graph.addVertex(name, vertex, inputs);
    return name;
  }

  String norm(String name, int channels, boolean silu, String input) {
    return layer(
        name, new GroupNorm(channels, UNetConfig.groups(channels), groupEpsilon, silu), input);
  }

  /** A convolution whose input is dropped out, with a mask of this layer's own. */
  String droppedConv(String name, String block, Conv2d conv, String input) {
    if (dropout > 0) {
      conv.setIDropout(new SeededDropout(dropout, 31 * seed + block.hashCode()));
    }
    return layer(name, conv, input);
  }
}
