package org.lcsc.diffusion.model;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.config.Require;
import org.lcsc.diffusion.sampler.DpmSolver;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.sampler.SamplerSettings;
import org.lcsc.diffusion.schedule.BetaSchedule;
import org.lcsc.diffusion.schedule.BetaSchedules;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.DiffusionBatches;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.unet.NetworkBody;

/**
 * A diffusion model on a discrete chain (Ho et al. 2020, arXiv:2006.11239).
 *
 * @param unet its network
 * @param noiseSchedule how noise grows over the steps; default {@link BetaSchedules.Linear}
 * @param steps noise levels T of training, 2 to {@value #MAX_STEPS}; default 1000
 * @param prediction what the network predicts; default {@link Prediction#EPSILON}
 */
@Kind("diffusion")
public record DiffusionModel(
    NetworkBody unet, BetaSchedule noiseSchedule, int steps, Prediction prediction)
    implements GenerativeModel {

  /** The most noise levels: a hundred times the longest chain in use (4,000). */
  private static final int MAX_STEPS = 400_000;

  /** The defaults; the network has none. */
  public DiffusionModel() {
    this(null, new BetaSchedules.Linear(), NoiseSchedule.REFERENCE_STEPS, Prediction.EPSILON);
  }

  public DiffusionModel {
    Require.between("steps", steps, 2, MAX_STEPS);
    Require.possible("steps", () -> noiseSchedule.over(steps));
  }

  @Override
  public String description() {
    return "a diffusion model";
  }

  private NoiseSchedule schedule() {
    return noiseSchedule.over(steps);
  }

  @Override
  public TrainingBatches batches(
      BatchSettings settings, ComputationGraph network, ComputationGraph teacher) {
    return new DiffusionBatches(settings, schedule(), prediction);
  }

  @Override
  public Optional<String> incomparableLoss() {
    return Optional.empty();
  }

  @Override
  public SampledModel sampled() {
    return new SampledModel.Chain(schedule(), prediction);
  }

  @Override
  public SamplerSettings usualSampler() {
    return new DpmSolver.PlusPlus();
  }

  @Override
  public List<String> warnings() {
    return unet.againstTimeSteps()
        .map(reason -> List.of("unet.architecture: " + unet.kind() + "'s " + reason))
        .orElse(List.of());
  }
}
