package org.lcsc.diffusion.sampler;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A numerical method that turns noise into images by evaluating a network. Its coefficients are
 * computed once, in double precision; it keeps its working arrays from one call to the next. A
 * sampler is therefore not thread-safe; its results do not depend on what it sampled before. {@code
 * toString} shows its configuration.
 */
public interface Sampler {

  /**
   * Samples a batch.
   *
   * @param model the network
   * @param noise standard Gaussian noise {@code [N, C, H, W]}, float or double; not modified
   * @param stepNoise noise added on the way, asked at most once per step; a deterministic sampler
   *     never asks, so {@link StepNoise#NONE} does
   * @return images of the shape and type of {@code noise}, not clipped; a new array outside any
   *     workspace
   * @throws IllegalArgumentException if {@code noise} is neither float nor double
   * @throws IllegalStateException if the model returns another shape than it was given
   */
  INDArray sample(Denoiser model, INDArray noise, StepNoise stepNoise);

  /** Network evaluations per call of {@link #sample} (NFE). */
  int evaluations();
}
