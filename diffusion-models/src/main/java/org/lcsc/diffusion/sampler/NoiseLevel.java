package org.lcsc.diffusion.sampler;

import org.lcsc.diffusion.schedule.LogSnrSchedule;

/** The rates of a variance-preserving diffusion at one time, as DPM-Solver uses them. */
record NoiseLevel(double networkTime, double alpha, double sigma, double lambda) {

  static NoiseLevel at(LogSnrSchedule schedule, double t) {
    return new NoiseLevel(
        schedule.networkTime(t), schedule.alpha(t), schedule.sigma(t), schedule.lambda(t));
  }
}
