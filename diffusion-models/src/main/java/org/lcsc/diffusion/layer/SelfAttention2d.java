package org.lcsc.diffusion.layer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Multi-head self-attention over the H W positions of an image, {@code [N, C, H, W]} to the same
 * shape: 1x1 convolutions to query, key and value, softmax of the scaled products, 1x1 convolution
 * of the result (Ho et al. 2020; heads as in Nichol and Dhariwal 2021). Normalisation before it and
 * the residual sum after it are layers of their own. Scores are scaled by 1/sqrt(C / heads).
 */
public final class SelfAttention2d extends ImageLayer {

  static final String[] PROJECTIONS = {"query", "key", "value", "output"};

  @JsonProperty int channels;
  @JsonProperty int heads;
  @JsonProperty private double outputGain;
  @JsonProperty private double inputGain = 1;
  @JsonProperty private Initialisation initialisation = Initialisation.FAN_IN;

  /** For Jackson. */
  private SelfAttention2d() {}

  /** An attention layer that starts as PyTorch's convolutions do. */
  public SelfAttention2d(int channels, int heads, double outputGain) {
    this(channels, heads, 1, outputGain, Initialisation.FAN_IN);
  }

  /**
   * An attention layer.
   *
   * @param channels number of channels, a multiple of {@code heads}
   * @param heads number of heads, at least 1
   * @param inputGain factor of the initial weights of query, key and value, at least 0
   * @param outputGain factor of the output projection's initial weights, at least 0
   * @param initialisation how weights and biases start; query, key and value count as one
   *     convolution to three times the channels
   * @throws IllegalArgumentException where an argument is out of range
   */
  public SelfAttention2d(
      int channels, int heads, double inputGain, double outputGain, Initialisation initialisation) {
    this.channels = atLeast(1, "channels", channels);
    this.heads = atLeast(1, "heads", heads);
    if (channels % heads != 0) {
      throw new IllegalArgumentException(
          "heads: expected a divisor of the " + channels + " channels, got " + heads);
    }
    Refuse.argument(!(outputGain >= 0), "outputGain: expected at least 0, got %s", outputGain);
    Refuse.argument(!(inputGain >= 0), "inputGain: expected at least 0, got %s", inputGain);
    this.outputGain = outputGain;
    this.inputGain = inputGain;
    this.initialisation = Objects.requireNonNull(initialisation, "initialisation");
  }

  /** Number of channels. */
  public int channelCount() {
    return channels;
  }

  /** Number of heads. */
  public int headCount() {
    return heads;
  }

  // No underscore: Deeplearning4j splits "layer_parameter" at the last one.
  static String weight(String projection) {
    return projection + "W";
  }

  static String bias(String projection) {
    return projection + "b";
  }

  @Override
  protected Map<String, long[]> parameterShapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (String projection : PROJECTIONS) {
      shapes.put(weight(projection), new long[] {channels, channels, 1, 1});
      shapes.put(bias(projection), new long[] {channels});
    }
    return shapes;
  }

  @Override
  protected void initialise(String name, INDArray view, long seed) {
    boolean output = name.startsWith("output");
    double gain = output ? outputGain : inputGain;
    if (view.rank() > 1) {
      initialisation.weight(view, channels, output ? channels : 3.0 * channels, gain, seed);
    } else {
      initialisation.bias(view, channels, gain, seed);
    }
  }

  @Override
  ImageLayerRuntime<?> runtime(NeuralNetConfiguration conf, DataType dataType) {
    return new SelfAttention2dRuntime(conf, dataType);
  }

  @Override
  public String addTo(OnnxGraph graph, Map<String, INDArray> parameters, String input) {
    int perHead = channels / heads;
    String byHead = graph.integers(0, heads, perHead, -1);
    String[] split = new String[3];
    for (int p = 0; p < split.length; p++) {
      split[p] = graph.add("Reshape", project(graph, parameters, p, input), byHead);
    }
    // Scores [N, heads, queries, keys], and what they mix, [N, heads, queries, perHead].
    String query = graph.add("Mul", split[0], graph.real((float) (1 / Math.sqrt(perHead))));
    String scores = graph.add("MatMul", swapped(graph, query), split[1]);
    String weights = graph.add("Softmax", List.of(scores), OnnxGraph.number("axis", -1));
    String mixed = graph.add("MatMul", weights, swapped(graph, split[2]));
    String image = graph.add("Reshape", swapped(graph, mixed), graph.add("Shape", input));
    return project(graph, parameters, 3, image);
  }

  private static String project(
      OnnxGraph graph, Map<String, INDArray> parameters, int projection, String input) {
    String weight = weight(PROJECTIONS[projection]);
    String bias = bias(PROJECTIONS[projection]);
    return graph.add(
        "Conv",
        input,
        graph.weights(weight, parameters.get(weight)),
        graph.weights(bias, parameters.get(bias)));
  }

  /** With the last two of four axes swapped. */
  private static String swapped(OnnxGraph graph, String x) {
    return graph.add("Transpose", List.of(x), OnnxGraph.numbers("perm", 0, 1, 3, 2));
  }

  @Override
  Object[] settings() {
    return new Object[] {channels, heads, inputGain, outputGain, initialisation};
  }
}
