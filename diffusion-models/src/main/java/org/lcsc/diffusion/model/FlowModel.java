package org.lcsc.diffusion.model;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.sampler.FlowSampler;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.sampler.SamplerSettings;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.FlowBatches;
import org.lcsc.diffusion.training.FlowBatches.Coupling;
import org.lcsc.diffusion.training.FlowTimes;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.unet.NetworkBody;

/**
 * A velocity field of flow matching on the straight path between images and noise (Lipman et al.
 * 2022, arXiv:2210.02747; Liu et al. 2022, arXiv:2209.03003). EDM's networks ncsnpp and ddpmpp are
 * given the time t itself, the others, whose embeddings are made for times up to 1000, a thousand
 * times t.
 *
 * @param unet its network
 * @param times distribution of the times of training; default {@link FlowTimes.Uniform}
 * @param coupling which noise an image is paired with; default {@link Coupling#INDEPENDENT}
 */
@Kind("flow")
public record FlowModel(NetworkBody unet, FlowTimes times, Coupling coupling)
    implements GenerativeModel {

  /** The defaults; the network has none. */
  public FlowModel() {
    this(null, new FlowTimes.Uniform(), Coupling.INDEPENDENT);
  }

  @Override
  public String description() {
    return "a flow matching model";
  }

  private double timeScale() {
    return unet.usualTime() == NetworkTime.QUARTER_LOG ? 1 : 1000;
  }

  @Override
  public Preconditioning preconditioning(ImageDataSet images) {
    return null;
  }

  @Override
  public TrainingBatches batches(
      BatchSettings settings, ComputationGraph network, ComputationGraph teacher) {
    return new FlowBatches(settings, times, coupling, timeScale());
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
