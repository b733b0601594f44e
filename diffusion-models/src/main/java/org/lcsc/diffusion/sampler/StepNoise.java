package org.lcsc.diffusion.sampler;

import org.lcsc.objective.NoiseSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The Gaussian noise that a stochastic sampler adds on its way. */
@FunctionalInterface
public interface StepNoise {

  /** For deterministic samplers, which never ask; throws {@link IllegalStateException} if asked. */
  StepNoise NONE =
      step -> {
        throw new IllegalStateException(
            "sampler needs noise at step " + step + ", but was given StepNoise.NONE");
      };

  /**
   * Standard Gaussian noise; independent between steps.
   *
   * @param step index of the sampling step, from 0
   * @return {@code [N, C, H, W]}, not modified by the sampler
   */
  INDArray gaussian(int step);

  /**
   * Noise from a source, stream {@code step + 1}; stream 0 is left for the initial noise.
   *
   * @param first index of the first sample
   * @param count number of samples
   * @param shape shape of one sample, {@code C, H, W}
   */
  static StepNoise of(NoiseSource source, long first, int count, long... shape) {
    return step -> source.gaussian(step + 1, first, count, shape);
  }
}
