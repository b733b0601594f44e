package org.lcsc.metrics.objective;

import java.io.IOException;
import org.lcsc.config.Kind;
import org.lcsc.objective.Objective;
import org.lcsc.objective.ObjectiveSettings;

/** Frechet distance between samples of the model and the real images: {@link FidObjective}. */
@Kind("fid")
public record FidSettings() implements ObjectiveSettings {

  @Override
  public Objective create(Inputs inputs) throws IOException {
    RealImages real = inputs.service(RealImages.class);
    if (!inputs.gradient()) {
      return new FidObjective(
          inputs.generator(),
          inputs.noise(),
          inputs.samples(),
          inputs.batchSize(),
          real.extractor(),
          real.statistics());
    }
    return FeatureObjective.of(inputs, real.extractor(), real.statistics());
  }
}
