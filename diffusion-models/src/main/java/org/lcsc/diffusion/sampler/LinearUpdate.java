package org.lcsc.diffusion.sampler;

import org.lcsc.diffusion.schedule.InPlace;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The update {@code base x + sum_k weights[k] m_k} of a solver: what its equation comes to once the
 * coefficients are numbers.
 */
record LinearUpdate(double base, double... weights) {

  /** {@code x = base x + sum_k weights[k] m_k}. */
  void apply(INDArray x, INDArray[] m) {
    InPlace.scale(x, base);
    for (int k = 0; k < weights.length; k++) {
      InPlace.add(x, weights[k], m[k]);
    }
  }
}
