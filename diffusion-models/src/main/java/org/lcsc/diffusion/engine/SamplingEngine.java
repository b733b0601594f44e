package org.lcsc.diffusion.engine;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.config.Part;

/**
 * The settings of what computes a network's outputs while samples are drawn; the training and
 * gradients are Deeplearning4j's in any case. Key {@code engine} of a sampler holds one.
 */
public interface SamplingEngine extends Part {

  /**
   * Refuses an engine that is not on this machine.
   *
   * @throws org.lcsc.config.InvalidValueException with what is missing; the key is relative to
   *     these settings, empty for the whole
   */
  default void requireUsable() {}

  /**
   * Opens a network.
   *
   * @param network gives outputs by its parameters as they are now; whether it gives them by those
   *     that are set later too is up to the engine
   */
  Forward open(ComputationGraph network);

  /** Deeplearning4j, with the layers of this library. */
  @Kind("dl4j")
  record Dl4j() implements SamplingEngine {
    @Override
    public Forward open(ComputationGraph network) {
      return network::outputSingle;
    }
  }
}
