package org.lcsc.diffusion.model;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.config.YamlNames;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.sampler.FlowSampler;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.sampler.SamplerSettings;
import org.lcsc.diffusion.sampler.StepNoise;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.FlowBatches;
import org.lcsc.diffusion.training.FlowBatches.Coupling;
import org.lcsc.diffusion.training.FlowTimes;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.network.EvaluationNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A velocity field of flow matching on the straight path between images and noise (Lipman et al.
 * 2022, arXiv:2210.02747; Liu et al. 2022, arXiv:2209.03003). EDM's networks ncsnpp and ddpmpp are
 * given the time t itself, the others, whose embeddings are made for times up to 1000, a thousand
 * times t.
 *
 * @param unet its network
 * @param times distribution of the times of training; default {@link FlowTimes.Uniform}
 * @param coupling which noise an image is paired with; default {@link Coupling#INDEPENDENT}
 * @param teacher model file of another flow model of the same network, whose samples take the place
 *     of the data (reflow); the training starts from its weights; default null: none
 * @param teacherConfig configuration file of the run that makes {@code teacher}, trained first
 *     where that file is missing; default null
 * @param teacherSteps steps of Heun's method that a sample of the teacher takes, at least 1, only
 *     with a teacher; default 10 with one
 */
@Kind("flow")
public record FlowModel(
    NetworkBody unet,
    FlowTimes times,
    Coupling coupling,
    @OptionalKey String teacher,
    @OptionalKey String teacherConfig,
    @OptionalKey Integer teacherSteps)
    implements GenerativeModel {

  /** The defaults; the network has none. */
  public FlowModel() {
    this(null, new FlowTimes.Uniform(), Coupling.INDEPENDENT, null, null, null);
  }

  /** Fills in the teacher's steps and validates. */
  public FlowModel {
    Require.path("teacher", teacher);
    Require.path("teacherConfig", teacherConfig);
    Require.not(
        teacher == null && teacherConfig != null,
        "teacherConfig",
        "has no effect without a teacher (%s), allowed: only with teacher",
        teacherConfig);
    Require.not(
        teacher == null && teacherSteps != null,
        "teacherSteps",
        "has no effect without a teacher (%s), allowed: only with teacher",
        teacherSteps);
    Require.not(
        teacher != null && coupling != Coupling.INDEPENDENT,
        "coupling",
        "has no effect with a teacher, whose samples come from their noise (%s), allowed:"
            + " independent",
        YamlNames.of(coupling));
    teacherSteps = teacher != null && teacherSteps == null ? Integer.valueOf(10) : teacherSteps;
    Require.between("teacherSteps", teacherSteps, 1, SamplerSettings.MAX_STEPS);
  }

  @Override
  public String description() {
    return "a flow matching model";
  }

  /** {@inheritDoc} Not with a teacher, whose samples take their place. */
  @Override
  public boolean learnsFromImages() {
    return teacher == null;
  }

  private double timeScale() {
    return denoiser(unet).timeScale();
  }

  /** How a network that is trained as a flow becomes a denoiser. */
  public static Preconditioning.Flow denoiser(NetworkBody unet) {
    return new Preconditioning.Flow(unet.usualTime() == NetworkTime.QUARTER_LOG ? 1 : 1000);
  }

  @Override
  public TrainingBatches batches(
      BatchSettings settings, ComputationGraph network, ComputationGraph teacher) {
    return new FlowBatches(
        settings, times, coupling, timeScale(), teacher == null ? null : reflow(teacher));
  }

  private FlowBatches.Reflow reflow(ComputationGraph teacher) {
    ComputationGraph from = EvaluationNetwork.copyOf(teacher);
    FlowSampler sampler = new FlowSampler(FlowSampler.Method.HEUN, teacherSteps, 1, timeScale());
    return (noise, labels) ->
        sampler.sample(
            (x, time) -> {
              INDArray column = Nd4j.valueArrayOf(new long[] {x.size(0), 1}, time, x.dataType());
              return from.outputSingle(
                  labels == null ? new INDArray[] {x, column} : new INDArray[] {x, column, labels});
            },
            noise,
            StepNoise.NONE);
  }

  @Override
  public Preconditioning teacherPreconditioning(ImageDataSet images) {
    return null;
  }

  @Override
  public List<String> teacherKinds() {
    return List.of(kind());
  }

  /** {@inheritDoc} Reflow learns the samples of its teacher. */
  @Override
  public Optional<String> incomparableLoss() {
    return teacher == null
        ? Optional.empty()
        : Optional.of("whose teacher's samples take the place of images");
  }

  @Override
  public SampledModel sampled() {
    return new SampledModel.Flow(timeScale());
  }

  @Override
  public SamplerSettings usualSampler() {
    return new FlowSampler.Settings();
  }
}
