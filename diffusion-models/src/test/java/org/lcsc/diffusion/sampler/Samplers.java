package org.lcsc.diffusion.sampler;

import java.util.Map;
import org.lcsc.config.Parts;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;

/** Samplers by their kinds. */
final class Samplers {

  private Samplers() {}

  static SamplerSettings settings(String kind, int steps) {
    SamplerSettings settings = Parts.named(SamplerSettings.class, "sampler.kind", kind);
    return Parts.with(settings, Map.of("steps", steps));
  }

  /** Of the chain's network, or of a velocity field with as many times. */
  static Sampler of(String kind, int steps, NoiseSchedule schedule, Prediction prediction) {
    SamplerSettings settings = settings(kind, steps);
    SampledModel chain = new SampledModel.Chain(schedule, prediction);
    return settings.of(settings.fits(chain) ? chain : new SampledModel.Flow(schedule.steps()));
  }
}
