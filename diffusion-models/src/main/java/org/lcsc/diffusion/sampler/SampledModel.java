package org.lcsc.diffusion.sampler;

import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;

/** What a network is to its sampler. Implementations are immutable. */
public interface SampledModel {

  /**
   * A network of a variance-preserving chain.
   *
   * @param schedule the chain that it was trained on
   * @param prediction what it predicts
   */
  record Chain(NoiseSchedule schedule, Prediction prediction) implements SampledModel {}

  /** A denoiser of images and their noise level: {@code D(x; sigma)}. */
  record SigmaDenoiser() implements SampledModel {}

  /**
   * A velocity field of flow matching: {@code v(x, t)} along {@link
   * org.lcsc.diffusion.schedule.FlowPath}.
   *
   * @param timeScale what t is multiplied by for the network, above 0
   */
  record Flow(double timeScale) implements SampledModel {}
}
