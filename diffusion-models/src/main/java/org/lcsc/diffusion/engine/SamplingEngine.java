package org.lcsc.diffusion.engine;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.config.Part;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The settings of what computes a network's outputs while samples are drawn; the training and
 * gradients are Deeplearning4j's in any case. Key {@code engine} of a sampler holds one.
 */
public interface SamplingEngine extends Part {

  /**
   * Refuses an engine that is not on this machine.
   *
   * @throws IllegalArgumentException with what is missing, in one line
   */
  default void requireUsable() {}

  /**
   * The engine that these settings come to on this machine.
   *
   * @param network a network of the kind that is sampled
   * @param inputs of it, of a usual size
   */
  default SamplingEngine decided(ComputationGraph network, INDArray... inputs) {
    return this;
  }

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
