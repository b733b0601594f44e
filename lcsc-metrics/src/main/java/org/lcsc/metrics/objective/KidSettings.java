package org.lcsc.metrics.objective;

import java.io.IOException;
import org.lcsc.config.Kind;
import org.lcsc.config.Require;
import org.lcsc.metrics.KernelDistance;
import org.lcsc.objective.Objective;
import org.lcsc.objective.ObjectiveSettings;

/**
 * Kernel distance between samples of the model and real images ({@link KernelDistance}): unlike FID
 * its expectation does not depend on the number of samples.
 *
 * @param references real images that the samples are compared with, at least 2; all where there are
 *     fewer. The time of an evaluation grows with them.
 */
@Kind("kid")
public record KidSettings(int references) implements ObjectiveSettings {

  /** With 5,000 real images. */
  public KidSettings() {
    this(5000);
  }

  public KidSettings {
    Require.atLeast("references", references, 2);
  }

  @Override
  public Objective create(Inputs inputs) throws IOException {
    RealImages real = inputs.service(RealImages.class);
    return FeatureDistanceObjective.of(
        inputs, real.extractor(), KernelDistance.against(real.features(references)));
  }
}
