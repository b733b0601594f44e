package org.lcsc.diffusion.schedule;

import org.lcsc.config.Part;

/** A kind of {@link NoiseSchedule}: key {@code model.noiseSchedule} of a configuration. */
public interface BetaSchedule extends Part {

  /**
   * The variance of the noise that a step adds.
   *
   * @param t step, in [0, steps)
   * @param steps length T of the chain
   * @return in (0, 1)
   */
  double beta(int t, int steps);

  /**
   * The schedule of a chain.
   *
   * @param steps length T, at least 2
   * @throws IllegalArgumentException for a length that the schedule does not allow
   */
  default NoiseSchedule over(int steps) {
    return new NoiseSchedule(kind(), steps, t -> beta(t, steps));
  }
}
