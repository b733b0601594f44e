package org.lcsc.metrics.objective;

import java.io.IOException;
import org.lcsc.config.Kind;
import org.lcsc.config.Require;
import org.lcsc.metrics.SlicedDistance;
import org.lcsc.objective.Objective;
import org.lcsc.objective.ObjectiveSettings;

/**
 * Sliced distance between samples of the model and real images ({@link SlicedDistance}): unlike FID
 * it sees all of their distribution along random directions, not mean and covariance alone. Every
 * noise set has directions of its own.
 *
 * @param references real images that the samples are compared with, at least 2; all where there are
 *     fewer
 * @param directions number of directions, at least 1
 */
@Kind("mind")
public record MindSettings(int references, int directions) implements ObjectiveSettings {

  /** With 5,000 real images along 250 directions. */
  public MindSettings() {
    this(5000, 250);
  }

  public MindSettings {
    Require.atLeast("references", references, 2);
    Require.atLeast("directions", directions, 1);
  }

  @Override
  public Objective create(Inputs inputs) throws IOException {
    RealImages real = inputs.service(RealImages.class);
    return FeatureDistanceObjective.of(
        inputs,
        real.extractor(),
        SlicedDistance.against(real.features(references), directions, inputs.noise().seed()));
  }
}
