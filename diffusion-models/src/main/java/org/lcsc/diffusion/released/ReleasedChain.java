package org.lcsc.diffusion.released;

import org.lcsc.diffusion.model.DiffusionModel;
import org.lcsc.diffusion.schedule.BetaSchedule;
import org.lcsc.diffusion.schedule.Prediction;

/**
 * What no tensor tells of a network of time steps.
 *
 * @param noiseSchedule how noise grew over the steps that it was trained on
 * @param steps how many those were
 * @param prediction what it predicts
 */
public record ReleasedChain(BetaSchedule noiseSchedule, int steps, Prediction prediction) {

  /** That of a model of this library. */
  public static ReleasedChain of(DiffusionModel model) {
    return new ReleasedChain(model.noiseSchedule(), model.steps(), model.prediction());
  }
}
