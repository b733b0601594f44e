package org.lcsc.diffusion.layer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonInclude;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * 2-D convolution with bias on libnd4j's {@code conv2d}: {@code [N, in, H, W]} to {@code [N, out,
 * ceil(H / stride), ceil(W / stride)]}.
 *
 * <p>Padding is TensorFlow's "same", with the odd pixel at the bottom and right: for kernel 3 that
 * is (1, 1, 1, 1) at stride 1, and (0, 1, 0, 1) at stride 2 on even sides, which is what the DDPM
 * and DDIM networks pad before they downsample. {@link #paddedEvenly} pads k/2 on all sides
 * whatever the stride, as PyTorch does.
 *
 * <p>Weights {@code W [out, in, k, k]} and bias {@code b [out]} start by default uniform in plus or
 * minus 1/sqrt(in k k), times {@code gain}; gain 0 starts the layer at zero.
 */
public final class Conv2d extends ImageLayer {

  static final String WEIGHT = "W";
  static final String BIAS = "b";

  @JsonProperty int in;
  @JsonProperty int out;
  @JsonProperty int kernel;
  @JsonProperty int stride;
  @JsonProperty private double gain;
  @JsonProperty private Initialisation initialisation = Initialisation.FAN_IN;

  // Left out where it is false: files of networks without it stay as they are.
  @JsonProperty
  @JsonInclude(JsonInclude.Include.NON_DEFAULT)
  boolean even;

  /** For Jackson. */
  private Conv2d() {}

  /** A convolution of stride 1 and gain 1. */
  public Conv2d(int in, int out, int kernel) {
    this(in, out, kernel, 1, 1);
  }

  /** A convolution that starts as PyTorch's. */
  public Conv2d(int in, int out, int kernel, int stride, double gain) {
    this(in, out, kernel, stride, gain, Initialisation.FAN_IN);
  }

  /**
   * A convolution.
   *
   * @param in input channels, at least 1
   * @param out output channels, at least 1
   * @param kernel side of the kernel, at least 1
   * @param stride stride in both directions, at least 1
   * @param gain factor of the initial weights, at least 0
   * @param initialisation how weights and bias start
   * @throws IllegalArgumentException where an argument is out of range
   */
  public Conv2d(
      int in, int out, int kernel, int stride, double gain, Initialisation initialisation) {
    this.in = atLeast(1, "in", in);
    this.out = atLeast(1, "out", out);
    this.kernel = atLeast(1, "kernel", kernel);
    this.stride = atLeast(1, "stride", stride);
    Refuse.argument(!(gain >= 0), "gain: expected at least 0, got %s", gain);
    this.gain = gain;
    this.initialisation = Objects.requireNonNull(initialisation, "initialisation");
  }

  /** This convolution, padded by half a kernel on each side. */
  public Conv2d paddedEvenly() {
    even = true;
    return this;
  }

  @Override
  protected Map<String, long[]> parameterShapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put(WEIGHT, new long[] {out, in, kernel, kernel});
    shapes.put(BIAS, new long[] {out});
    return shapes;
  }

  @Override
  protected void initialise(String name, INDArray view, long seed) {
    double fanIn = (double) in * kernel * kernel;
    if (name.equals(WEIGHT)) {
      initialisation.weight(view, fanIn, (double) out * kernel * kernel, gain, seed);
    } else {
      initialisation.bias(view, fanIn, gain, seed);
    }
  }

  /** Fills a parameter with values uniform in plus or minus {@code bound}. */
  static void uniform(INDArray view, double bound, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[Math.toIntExact(view.length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = bound * (2 * random.nextDouble() - 1);
    }
    view.assign(Nd4j.createFromArray(values).reshape('c', view.shape()).castTo(view.dataType()));
  }

  @Override
  ImageLayerRuntime<?> runtime(NeuralNetConfiguration conf, DataType dataType) {
    return new Conv2dRuntime(conf, dataType);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    InputType.InputTypeConvolutional image = image(inputType);
    Refuse.state(
        image.getChannels() != in,
        "Conv2d \"%s\": expected %s channels, got %s",
        getLayerName(),
        in,
        image.getChannels());
    return InputType.convolutional(
        (image.getHeight() + stride - 1) / stride, (image.getWidth() + stride - 1) / stride, out);
  }

  /** Input channels. */
  public int in() {
    return in;
  }

  @Override
  public String addTo(OnnxGraph graph, Map<String, INDArray> parameters, String input) {
    return graph.add(
        "Conv",
        List.of(
            input,
            graph.weights("weight", parameters.get(WEIGHT)),
            graph.weights("bias", parameters.get(BIAS))),
        OnnxGraph.numbers("kernel_shape", kernel, kernel),
        OnnxGraph.numbers("strides", stride, stride),
        even
            ? OnnxGraph.numbers("pads", kernel / 2, kernel / 2, kernel / 2, kernel / 2)
            : OnnxGraph.text("auto_pad", "SAME_UPPER"));
  }

  @Override
  Object[] settings() {
    return new Object[] {in, out, kernel, stride, gain, initialisation, even};
  }
}
