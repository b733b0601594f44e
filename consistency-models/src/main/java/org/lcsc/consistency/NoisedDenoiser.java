package org.lcsc.consistency;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A function of images and their noise levels: a teacher's denoiser, or a consistency function. */
@FunctionalInterface
interface NoisedDenoiser {

  /**
   * Evaluates it.
   *
   * @param x images {@code [N, C, H, W]}
   * @param sigma noise level of each, {@code [N, 1]}
   * @return {@code [N, C, H, W]}, another array
   */
  INDArray predict(INDArray x, INDArray sigma);
}
