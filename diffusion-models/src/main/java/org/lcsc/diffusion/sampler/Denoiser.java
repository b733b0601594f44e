package org.lcsc.diffusion.sampler;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A trained network as a sampler sees it. */
@FunctionalInterface
public interface Denoiser {

  /**
   * Evaluates the network once.
   *
   * @param x noisy images {@code [N, C, H, W]}, float or double; must not be modified or kept, for
   *     the sampler writes its next images into the same array
   * @param time the same for all images: the network time of {@link
   *     org.lcsc.diffusion.schedule.NoiseSchedule#networkTime} for a variance-preserving network
   *     (fractional for DPM-Solver), sigma for a denoiser that {@link HeunSampler} samples, {@link
   *     SampledModel.Flow#timeScale} times t for a velocity field
   * @return the raw output, shape of {@code x} but another array; valid until the next call, which
   *     may overwrite it, so a caller that needs it longer copies it
   */
  INDArray predict(INDArray x, double time);
}
