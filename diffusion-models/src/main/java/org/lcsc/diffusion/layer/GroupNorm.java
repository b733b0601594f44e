package org.lcsc.diffusion.layer;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Group normalisation (Wu and He 2018) with gain and shift per channel, optionally followed by SiLU
 * in the same pass: {@code [N, C, H, W]} to the same shape. Variances are biased (divided by the
 * count), as in PyTorch. Unlike batch normalisation it keeps no running statistics, so merged
 * weights need no further treatment.
 */
public final class GroupNorm extends ImageLayer {

  static final String GAIN = "gamma";
  static final String SHIFT = "beta";

  @JsonProperty int channels;
  @JsonProperty int groups;
  @JsonProperty double epsilon;
  @JsonProperty boolean silu;

  /** For Jackson. */
  private GroupNorm() {}

  /**
   * A normalisation.
   *
   * @param channels number of channels, a multiple of {@code groups}
   * @param groups number of groups, at least 1
   * @param epsilon added to the variance, above 0; DDIM uses 1e-6, iDDPM 1e-5
   * @param silu whether SiLU follows
   * @throws IllegalArgumentException where an argument is out of range
   */
  public GroupNorm(int channels, int groups, double epsilon, boolean silu) {
    this.channels = atLeast(1, "channels", channels);
    this.groups = atLeast(1, "groups", groups);
    if (channels % groups != 0) {
      throw new IllegalArgumentException(
          "groups: expected a divisor of the " + channels + " channels, got " + groups);
    }
    Refuse.argument(!(epsilon > 0), "epsilon: expected above 0, got %s", epsilon);
    this.epsilon = epsilon;
    this.silu = silu;
  }

  /** Number of channels. */
  public int channelCount() {
    return channels;
  }

  /** Number of groups. */
  public int groupCount() {
    return groups;
  }

  @Override
  protected Map<String, long[]> parameterShapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put(GAIN, new long[] {channels});
    shapes.put(SHIFT, new long[] {channels});
    return shapes;
  }

  @Override
  protected void initialise(String name, INDArray view, long seed) {
    view.assign(name.equals(GAIN) ? 1 : 0);
  }

  @Override
  ImageLayerRuntime<?> runtime(NeuralNetConfiguration conf, DataType dataType) {
    return new GroupNormRuntime(conf, dataType);
  }

  /** Instance normalisation of the groups as channels; gain and shift of the channels after it. */
  @Override
  public String addTo(OnnxGraph graph, Map<String, INDArray> parameters, String input) {
    float[] ones = new float[groups];
    Arrays.fill(ones, 1);
    String byGroup = graph.add("Reshape", input, graph.integers(0, groups, -1));
    String normal =
        graph.add(
            "InstanceNormalization",
            List.of(
                byGroup,
                graph.floats("one", ones, groups),
                graph.floats("zero", new float[groups], groups)),
            OnnxGraph.fraction("epsilon", epsilon));
    // Gain and shift as a batch normalisation of mean 0 and variance 1: one pass, not two.
    float[] unit = new float[channels];
    Arrays.fill(unit, 1);
    String y =
        graph.add(
            "BatchNormalization",
            List.of(
                graph.add("Reshape", normal, graph.add("Shape", input)),
                graph.weights(GAIN, parameters.get(GAIN)),
                graph.weights(SHIFT, parameters.get(SHIFT)),
                graph.floats("mean", new float[channels], channels),
                graph.floats("variance", unit, channels)),
            OnnxGraph.fraction("epsilon", 0));
    return silu ? graph.silu(y) : y;
  }

  @Override
  Object[] settings() {
    return new Object[] {channels, groups, epsilon, silu};
  }
}
