package org.lcsc.diffusion.features;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.lcsc.diffusion.features.FeatureNetworkConfig.Architecture;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.GroupNorm;
import org.lcsc.diffusion.layer.Linear;
import org.lcsc.diffusion.layer.Silu;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Builds a small convolutional classifier, or an autoencoder of the same shape.
 *
 * <p>{@link Architecture#FINE}: a 3x3 convolution at full size, then convolutions of stride 2 until
 * the side is at most 4, and one more at that side. {@link Architecture#COARSE}: 5x5 convolutions,
 * of stride 2 from the first on, and one more at the last side. Each is followed by group
 * normalisation and SiLU. The last activations are flattened, not averaged, so that the features
 * know where in the image something is. They pass a linear layer with SiLU, {@value #FEATURES}, and
 * a linear classifier; in {@link Architecture#MASKED} a layer with SiLU and one that gives pixels.
 *
 * <p>SiLU and not ReLU before the features: no feature is stuck at zero for a whole class, which
 * would make covariances singular.
 *
 * <p>Input: {@value #IMAGE} {@code [N, C, side, side]} in [-1, 1]. Output: {@value #OUTPUT} {@code
 * [N, classes]}, probabilities; labels are one-hot of that shape, the loss is cross-entropy. Of an
 * autoencoder: {@code [N, C * side * side]}, pixels, with the mean squared error.
 *
 * <p>Stateless and thread-safe.
 */
public final class FeatureNetwork {

  /** Name of the image's input. */
  public static final String IMAGE = "image";

  /** Name of the layer whose activations {@code [N, dimension]} are the features. */
  public static final String FEATURES = "features";

  /** Name of the output layer. */
  public static final String OUTPUT = "output";

  private static final int DECODER = 256;
  private static final int LAST_SIDE = 4;
  private static final int CHANNELS_PER_GROUP = 4;
  private static final double GROUP_EPSILON = 1e-5;

  private final GraphBuilder graph;
  private String last = IMAGE;

  private FeatureNetwork(GraphBuilder graph) {
    this.graph = graph;
  }

  /**
   * Builds the configuration of a network; {@code new ComputationGraph(configuration).init()} makes
   * the network.
   *
   * @param config the shape
   * @param updater how parameters are updated
   * @param seed seed of the initial parameters
   */
  public static ComputationGraphConfiguration configuration(
      FeatureNetworkConfig config, IUpdater updater, long seed) {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .dataType(DataType.FLOAT)
            .updater(updater)
            .graphBuilder()
            .addInputs(IMAGE);
    new FeatureNetwork(graph).build(config);
    return graph.setOutputs(OUTPUT).build();
  }

  private void build(FeatureNetworkConfig config) {
    int side = config.side();
    int channels = config.width();
    int kernel = config.architecture().kernel();
    if (config.architecture() != Architecture.COARSE || side <= LAST_SIDE) {
      convolution("conv0", config.channels(), channels, kernel, 1);
    } else {
      convolution("conv0", config.channels(), channels, kernel, 2);
      side = (side + 1) / 2;
    }
    int number = 1;
    while (side > LAST_SIDE) {
      int wider = Math.min(channels + config.width(), 4 * config.width());
      convolution("conv" + number++, channels, wider, kernel, 2);
      channels = wider;
      side = (side + 1) / 2;
    }
    int widest = 4 * config.width();
    convolution("conv" + number, channels, widest, kernel, 1);

    graph.addLayer(
        "flat",
        new Linear(widest * side * side, config.dimension()),
        new CnnToFeedForwardPreProcessor(side, side, widest),
        last);
    graph.addLayer(FEATURES, new Silu(), "flat");
    if (config.architecture() == Architecture.MASKED) {
      int pixels = config.channels() * config.side() * config.side();
      graph.addLayer("decoder", new Linear(config.dimension(), DECODER), FEATURES);
      graph.addLayer("decoder_silu", new Silu(), "decoder");
      graph.addLayer("pixels", new Linear(DECODER, pixels), "decoder_silu");
      loss(LossFunction.MSE, Activation.IDENTITY, "pixels");
    } else {
      graph.addLayer("classes", new Linear(config.dimension(), config.classes()), FEATURES);
      loss(LossFunction.MCXENT, Activation.SOFTMAX, "classes");
    }
  }

  private void loss(LossFunction function, Activation activation, String input) {
    graph.addLayer(OUTPUT, new LossLayer.Builder(function).activation(activation).build(), input);
  }

  private void convolution(String name, int in, int out, int kernel, int stride) {
    graph.addLayer(name, new Conv2d(in, out, kernel, stride, 1), last);
    last = name + "_norm";
    graph.addLayer(last, new GroupNorm(out, out / CHANNELS_PER_GROUP, GROUP_EPSILON, true), name);
  }
}
