package org.lcsc.diffusion.unet;

import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.ImageLayer;
import org.lcsc.diffusion.layer.ImageLossLayer;
import org.lcsc.diffusion.layer.ImageVertex;
import org.lcsc.diffusion.layer.Linear;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.lcsc.io.Text;

/**
 * Writes a network of {@link UNet} in the format of ONNX, for any number of images of any side that
 * the network takes. Inputs and output bear the names and shapes that {@link UNet} gives them, all
 * of float32; weights are named as {@link org.lcsc.export.TensorExport} names them. Dropout is left
 * out. Embeddings of times and noise levels are computed in float64, as the network itself does.
 *
 * <p>Stateless and thread-safe.
 */
public final class OnnxUNet {

  private static final String BATCH = "batch";
  private static final String HEIGHT = "height";
  private static final String WIDTH = "width";

  private OnnxUNet() {}

  /**
   * Writes an ONNX file.
   *
   * @param network an initialised network of {@link UNet}; read only
   * @param metadata texts beside the graph
   * @param out where to; not closed
   * @throws IllegalArgumentException where it has a layer that is none of this library's, or more
   *     weights than a file can hold (2 GB)
   */
  public static void write(ComputationGraph network, Map<String, String> metadata, OutputStream out)
      throws IOException {
    ComputationGraphConfiguration configuration = network.getConfiguration();
    OnnxGraph graph = new OnnxGraph("unet");
    Map<String, String> values = new HashMap<>();
    for (String input : configuration.getNetworkInputs()) {
      graph.input(input, shape(input, configuration));
      values.put(input, input);
    }
    for (int index : network.topologicalSortOrder()) {
      String name = network.getVertices()[index].getVertexName();
      GraphVertex vertex = configuration.getVertices().get(name);
      if (vertex != null) {
        List<String> inputs =
            configuration.getVertexInputs().get(name).stream().map(values::get).toList();
        graph.scope(name);
        values.put(name, add(graph, network, name, vertex, inputs));
      }
    }
    graph.output(UNet.OUTPUT, values.get(UNet.OUTPUT), shape(UNet.IMAGE, configuration));
    graph.write(metadata, out);
  }

  private static Object[] shape(String input, ComputationGraphConfiguration configuration) {
    return switch (input) {
      case UNet.IMAGE ->
          new Object[] {BATCH, layer(configuration, "conv_in", Conv2d.class).in(), HEIGHT, WIDTH};
      case UNet.TIME -> new Object[] {BATCH, 1};
      case UNet.LABEL ->
          new Object[] {BATCH, layer(configuration, "label_embedding", Linear.class).in()};
      default -> throw new IllegalArgumentException("input '" + input + "': not of a U-Net");
    };
  }

  private static <L extends Layer> L layer(
      ComputationGraphConfiguration configuration, String name, Class<L> type) {
    if (configuration.getVertices().get(name) instanceof LayerVertex vertex
        && type.isInstance(vertex.getLayerConf().getLayer())) {
      return type.cast(vertex.getLayerConf().getLayer());
    }
    throw new IllegalArgumentException("no layer '" + name + "': not a U-Net");
  }

  private static String add(
      OnnxGraph graph,
      ComputationGraph network,
      String name,
      GraphVertex vertex,
      List<String> inputs) {
    if (vertex instanceof ImageVertex image) {
      return image.addTo(graph, inputs.get(0), inputs.get(1));
    }
    if (vertex instanceof ScaleVertex scale) {
      return graph.add("Mul", inputs.get(0), graph.real((float) scale.getScaleFactor()));
    }
    if (vertex instanceof LayerVertex layer) {
      Layer settings = layer.getLayerConf().getLayer();
      if (settings instanceof ImageLayer image) {
        return image.addTo(graph, network.getLayer(name).paramTable(), inputs.get(0));
      }
      if (settings instanceof ImageLossLayer) {
        return inputs.get(0);
      }
      throw unknown(name, settings);
    }
    throw unknown(name, vertex);
  }

  private static IllegalArgumentException unknown(String name, Object layer) {
    return new IllegalArgumentException(
        Text.format(
            "layer '%s' (%s) has no form in ONNX, allowed: a network of this library",
            name, layer.getClass().getSimpleName()));
  }
}
