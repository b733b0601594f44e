package org.lcsc.experiment;

import java.util.OptionalLong;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.experiment.config.DatasetConfig;
import org.lcsc.experiment.config.RunConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * The number of a network's parameters, without the network: it may be larger than memory.
 *
 * <p>Thread-safe: it has no state.
 */
public final class NetworkSize {

  private NetworkSize() {}

  /**
   * Parameters P of a configured network.
   *
   * @return empty where shape or classes of the images are only known from their files
   */
  public static OptionalLong parameters(RunConfig config) {
    DatasetConfig dataset = config.dataset();
    if (dataset.knownSide().isEmpty()) {
      return OptionalLong.empty();
    }
    int side = dataset.knownSide().getAsInt();
    return switch (dataset.name()) {
      case DIGITS, MNIST, FASHION_MNIST -> of(config, 1, side, 10);
      case CIFAR10 -> of(config, 3, side, 10);
      case IMAGENET64 -> of(config, 3, side, 1000);
      case IDX, FOLDER -> OptionalLong.empty();
    };
  }

  private static OptionalLong of(RunConfig config, int channels, int side, int classes) {
    // Neither preconditioning nor loss have parameters.
    ComputationGraphConfiguration graph =
        UNet.configuration(
            config.model().unet(),
            new NetworkBody.Images(channels, side, classes),
            new SquaredError(),
            new NoOp(),
            0,
            DataType.FLOAT);
    return OptionalLong.of(
        graph.getVertices().values().stream().mapToLong(NetworkSize::parameters).sum());
  }

  private static long parameters(GraphVertex vertex) {
    return vertex.numParams(true);
  }
}
