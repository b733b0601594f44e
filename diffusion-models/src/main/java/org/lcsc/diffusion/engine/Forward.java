package org.lcsc.diffusion.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A network whose outputs an engine computes. Not thread-safe. */
public interface Forward extends AutoCloseable {

  /**
   * The network's output.
   *
   * @param inputs the network's, in their order
   * @return a new array outside any workspace
   */
  INDArray output(INDArray... inputs);

  @Override
  default void close() {
    // Most hold nothing.
  }
}
