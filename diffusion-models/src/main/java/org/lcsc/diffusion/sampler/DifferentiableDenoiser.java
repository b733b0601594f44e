package org.lcsc.diffusion.sampler;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A network whose evaluations can be differentiated: what {@link SamplerAdjoint} asks of it. */
@FunctionalInterface
public interface DifferentiableDenoiser {

  /**
   * Carries a gradient through one evaluation. The gradient with respect to the parameters is added
   * to whatever the implementation gathers it in.
   *
   * @param x the images that the network was evaluated at, {@code [N, C, H, W]}; not modified
   * @param time the time that it was evaluated at
   * @param epsilon gradient with respect to its output, of the shape of {@code x}; may be
   *     overwritten
   * @return gradient with respect to {@code x}; valid until the next call
   */
  INDArray backpropagate(INDArray x, double time, INDArray epsilon);
}
