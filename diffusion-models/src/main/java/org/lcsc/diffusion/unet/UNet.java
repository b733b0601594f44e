package org.lcsc.diffusion.unet;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.layer.ImageLoss;
import org.lcsc.diffusion.layer.ImageLossLayer;
import org.lcsc.diffusion.layer.NoiseScaling;
import org.lcsc.diffusion.layer.NoiseScaling.Factor;
import org.lcsc.diffusion.layer.NoiseTime;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.ResidualSum;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Builds the graph around a {@link NetworkBody}.
 *
 * <p>Inputs: {@value #IMAGE} {@code [N, C, H, W]}, {@value #TIME} {@code [N, 1]} and, for a network
 * with classes, {@value #LABEL} {@code [N, classes]} one-hot. Output: {@value #OUTPUT} {@code [N,
 * C, H, W]}, an {@link ImageLossLayer}.
 *
 * <p>Stateless and thread-safe.
 */
public final class UNet {

  /** Name of the noisy image's input. */
  public static final String IMAGE = "image";

  /** Name of the network time's input. */
  public static final String TIME = "time";

  /** Name of the one-hot class label's input. */
  public static final String LABEL = "label";

  /** Name of the output layer. */
  public static final String OUTPUT = "output";

  private static final String DENOISED = "denoised";
  private static final String SCALED = "image_scaled";

  private UNet() {}

  /**
   * Builds the configuration of a network; {@code new ComputationGraph(configuration).init()} makes
   * the network.
   *
   * @param body the network between inputs and loss, such as a {@link UNetConfig}
   * @param images the images; their classes are used where the body wants them
   * @param loss what the output is compared by
   * @param updater how parameters are updated
   * @param seed seed of the initial parameters and of dropout
   * @param dataType FLOAT, or DOUBLE for gradient checks
   */
  public static ComputationGraphConfiguration configuration(
      NetworkBody body,
      NetworkBody.Images images,
      ImageLoss loss,
      IUpdater updater,
      long seed,
      DataType dataType) {
    return configuration(body, images, null, loss, updater, seed, dataType);
  }

  /**
   * Builds the configuration of a network that is a function of images and their noise level:
   * {@value #TIME} is then sigma, and the output is {@code D(x, sigma)}, an EDM denoiser or a
   * consistency function.
   *
   * @param body the network between inputs and loss, such as a {@link UNetConfig}
   * @param images the images; their classes are used where the body wants them
   * @param preconditioning how the network becomes that function; null for a bare network
   * @param loss what the output is compared by
   * @param updater how parameters are updated
   * @param seed seed of the initial parameters and of dropout
   * @param dataType FLOAT, or DOUBLE for gradient checks
   */
  public static ComputationGraphConfiguration configuration(
      NetworkBody body,
      NetworkBody.Images images,
      Preconditioning preconditioning,
      ImageLoss loss,
      IUpdater updater,
      long seed,
      DataType dataType) {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .dataType(dataType)
            .updater(updater)
            .graphBuilder();
    graph.addInputs(IMAGE, TIME);
    String label = null;
    NetworkBody.Images seen = images.unlabelled();
    if (body.classConditional() && images.classes() > 0) {
      graph.addInputs(LABEL);
      label = LABEL;
      seen = images;
    }
    String last =
        preconditioning == null
            ? body.addTo(graph, new NetworkBody.Inputs(IMAGE, TIME, label, seen), seed)
            : preconditioned(graph, body, preconditioning, label, seen, seed);
    graph.addLayer(OUTPUT, new ImageLossLayer(loss), last);
    return graph.setOutputs(OUTPUT).build();
  }

  /** Whether a network is a function of images and their noise level, as EDM's denoisers are. */
  public static boolean isPreconditioned(ComputationGraph network) {
    return network.getConfiguration().getVertices().containsKey(DENOISED);
  }

  /** How a network became a function of images and their noise level; null where it is none. */
  public static Preconditioning preconditioning(ComputationGraph network) {
    return network.getConfiguration().getVertices().get(SCALED) instanceof NoiseScaling scaling
        ? scaling.preconditioning()
        : null;
  }

  private static String preconditioned(
      GraphBuilder graph,
      NetworkBody body,
      Preconditioning p,
      String label,
      NetworkBody.Images images,
      long seed) {
    graph.addVertex(SCALED, new NoiseScaling(p, Factor.IN), IMAGE, TIME);
    graph.addLayer("time_noise", new NoiseTime(p), TIME);
    NetworkBody.Inputs inputs = new NetworkBody.Inputs(SCALED, "time_noise", label, images);
    String last = body.addTo(graph, inputs, seed);
    graph.addVertex("image_skip", new NoiseScaling(p, Factor.SKIP), IMAGE, TIME);
    graph.addVertex("out_scaled", new NoiseScaling(p, Factor.OUT), last, TIME);
    graph.addVertex(DENOISED, new ResidualSum(), "image_skip", "out_scaled");
    return DENOISED;
  }
}
