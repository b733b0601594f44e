package org.lcsc.experiment;

import java.util.OptionalLong;
import org.lcsc.experiment.config.RunConfig;

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
    // Neither preconditioning nor loss have parameters.
    return BareNetwork.of(config).stream()
        .mapToLong(
            network ->
                network.getConfiguration().getVertices().values().stream()
                    .mapToLong(vertex -> vertex.numParams(true))
                    .sum())
        .findFirst();
  }
}
