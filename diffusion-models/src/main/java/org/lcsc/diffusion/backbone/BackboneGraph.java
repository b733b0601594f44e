package org.lcsc.diffusion.backbone;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.tensor.StateDict;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * Makes a graph of standard Deeplearning4j layers from the tensors of a state dict. Layers are
 * named by the caller and follow the layers named as their inputs. Not thread-safe.
 */
public final class BackboneGraph {

  /** Name of the images' input. */
  public static final String IMAGE = "image";

  /** Epsilon of the batch normalisations that {@link #normalised} folds away. */
  private static final double EPSILON = 1e-3;

  private final StateDict weights;
  private final boolean kept;
  private String last = IMAGE;
  private final Map<String, Long> channels = new HashMap<>();
  private final Map<String, INDArray> parameters = new LinkedHashMap<>();
  private final GraphBuilder graph =
      new NeuralNetConfiguration.Builder()
          .dataType(DataType.FLOAT)
          .updater(new NoOp())
          .graphBuilder()
          .addInputs(IMAGE);

  /**
   * None so far.
   *
   * @param weights of its layers
   * @param colours channels of the images
   * @param kept whether the weights are kept for {@link #network}, or only looked at
   */
  BackboneGraph(StateDict weights, int colours, boolean kept) {
    this.weights = weights;
    this.kept = kept;
    channels.put(IMAGE, (long) colours);
  }

  /** Geometry of a convolution or a pooling: stride, and zeros on either side of both axes. */
  public record Window(int stride, int vertical, int horizontal) {

    /** Stride 1 without padding. */
    public static final Window PLAIN = new Window(1, 0, 0);

    /** Stride 2 without padding. */
    public static final Window HALVING = new Window(2, 0, 0);

    /** Stride 1, padded so that a kernel of three values keeps the size. */
    public static final Window PADDED = new Window(1, 1, 1);
  }

  private void add(String name, long outputs) {
    channels.put(name, outputs);
    last = name;
  }

  /**
   * Adds a convolution with bias and a ReLU.
   *
   * @param key of its tensors {@code key.weight [out, in, h, w]} and {@code key.bias [out]}
   * @return {@code name}
   * @throws IOException where the tensors are not there or do not fit
   */
  public String convolution(String name, String key, String input, Window window)
      throws IOException {
    long[] shape = kernel(key + ".weight", input);
    float[] kernel = weights.take(key + ".weight", shape);
    float[] bias = weights.take(key + ".bias", shape[0]);
    return convolution(name, shape, kernel, bias, input, window);
  }

  /**
   * Adds a convolution without bias, the batch normalisation after it in inference mode, and a
   * ReLU. The normalisation becomes part of the convolution.
   *
   * @param name of the layer, and before {@code .conv} and {@code .bn} of its tensors
   * @return {@code name}
   * @throws IOException where the tensors are not there or do not fit
   */
  public String normalised(String name, String input, Window window) throws IOException {
    String key = name + ".conv.weight";
    long[] shape = kernel(key, input);
    float[] kernel = weights.take(key, shape);
    float[] gain = weights.take(name + ".bn.weight", shape[0]);
    float[] bias = weights.take(name + ".bn.bias", shape[0]);
    float[] mean = weights.take(name + ".bn.running_mean", shape[0]);
    float[] variance = weights.take(name + ".bn.running_var", shape[0]);
    int each = kernel.length / bias.length;
    for (int channel = 0; channel < bias.length; channel++) {
      if (variance[channel] < 0) {
        throw weights.refused(
            "%s.bn.running_var holds %s, allowed: 0 and above", name, variance[channel]);
      }
      double scale = gain[channel] / Math.sqrt(variance[channel] + EPSILON);
      bias[channel] = (float) (bias[channel] - mean[channel] * scale);
      for (int i = channel * each; i < (channel + 1) * each; i++) {
        kernel[i] = (float) (kernel[i] * scale);
      }
    }
    return convolution(name, shape, kernel, bias, input, window);
  }

  private long[] kernel(String key, String input) throws IOException {
    long[] shape = weights.shape(key, 4);
    if (shape[1] != channels.get(input)) {
      throw weights.refused(
          "%s takes %s channels, allowed: %s, which %s has",
          key, shape[1], channels.get(input), input);
    }
    return shape;
  }

  private String convolution(
      String name, long[] shape, float[] kernel, float[] bias, String input, Window window) {
    graph.addLayer(
        name,
        new ConvolutionLayer.Builder((int) shape[2], (int) shape[3])
            .stride(window.stride(), window.stride())
            .padding(window.vertical(), window.horizontal())
            .nIn(shape[1])
            .nOut(shape[0])
            .activation(Activation.RELU)
            .build(),
        input);
    add(name, shape[0]);
    if (kept) {
      parameters.put(name + "_W", Nd4j.createFromArray(kernel).reshape('c', shape));
      parameters.put(name + "_b", Nd4j.createFromArray(bias));
    }
    return name;
  }

  /**
   * Adds a pooling over squares; averages do not count padded zeros.
   *
   * @param type maximum or average
   * @return {@code name}
   */
  public String pooling(String name, String input, PoolingType type, int side, Window window) {
    graph.addLayer(
        name,
        new SubsamplingLayer.Builder(type)
            .kernelSize(side, side)
            .stride(window.stride(), window.stride())
            .padding(window.vertical(), window.horizontal())
            .avgPoolIncludePadInDivisor(false)
            .build(),
        input);
    add(name, channels.get(input));
    return name;
  }

  /** Adds the channels of several layers, one after the other, as {@code name}. */
  public String joined(String name, String... inputs) {
    graph.addVertex(name, new MergeVertex(), inputs);
    add(name, Arrays.stream(inputs).mapToLong(channels::get).sum());
    return name;
  }

  /**
   * Adds the mean over all positions, a linear layer and a softmax. The layer's bias is left out,
   * as it is in published Inception Scores since Salimans et al. (2016).
   *
   * @param key of its tensors {@code key.weight [classes, in]} and {@code key.bias [classes]}
   * @return {@code name}
   * @throws IOException where the tensors are not there or do not fit
   */
  public String classes(String name, String key, String input, int classes) throws IOException {
    long in = channels.get(input);
    float[] matrix = weights.take(key + ".weight", classes, in);
    weights.take(key + ".bias", classes);
    if (kept) {
      parameters.put(
          name + "_W", Nd4j.createFromArray(matrix).reshape('c', classes, in).transpose());
      parameters.put(name + "_b", Nd4j.zeros(DataType.FLOAT, classes));
    }
    graph.addLayer(name + "_mean", new GlobalPoolingLayer(PoolingType.AVG), input);
    graph.addLayer(
        name,
        new DenseLayer.Builder().nIn(in).nOut(classes).activation(Activation.SOFTMAX).build(),
        name + "_mean");
    add(name, classes);
    return name;
  }

  /** The network, whose output is the layer that came last. */
  ComputationGraph network() {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      ComputationGraph network = new ComputationGraph(graph.setOutputs(last).build());
      long count = parameters.values().stream().mapToLong(INDArray::length).sum();
      network.init(Nd4j.create(DataType.FLOAT, 1, count), false);
      parameters.forEach(
          (name, values) -> {
            INDArray own = network.getParam(name);
            own.assign(values.reshape(own.shape()));
          });
      return network;
    }
  }
}
