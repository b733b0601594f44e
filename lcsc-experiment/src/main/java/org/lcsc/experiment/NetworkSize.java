package org.lcsc.experiment;

import java.util.OptionalLong;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.lcsc.datasets.DataSetSettings;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
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
    DataSetSettings.Known known = config.dataset().known().orElse(null);
    return known == null || known.channels() == 0 || known.classes() == 0
        ? OptionalLong.empty()
        : of(config, known.channels(), known.side(), known.classes());
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
