package org.lcsc.diffusion.model;

import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.sampler.HeunSampler;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.sampler.SamplerSettings;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.EdmBatches;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.unet.NetworkBody;

/**
 * A denoiser in EDM's parameterisation (Karras et al. 2022, arXiv:2206.00364): the teacher of a
 * distillation.
 *
 * @param unet its network
 * @param sigmaData standard deviation of the images' values, above 0; default null: measured from
 *     the training images
 * @param networkTime how the noise level is given to the network; default {@link
 *     NetworkTime#QUARTER_LOG} for EDM's networks ncsnpp and ddpmpp, else {@link
 *     NetworkTime#THOUSANDFOLD}
 */
@Kind("edm")
public record EdmModel(
    NetworkBody unet, @OptionalKey Double sigmaData, @OptionalKey NetworkTime networkTime)
    implements GenerativeModel {

  /** The defaults; the network has none. */
  public EdmModel() {
    this(null, null, null);
  }

  /** Fills in the time and validates. */
  public EdmModel {
    Require.positive("sigmaData", sigmaData);
    networkTime = networkTime == null && unet != null ? unet.usualTime() : networkTime;
  }

  @Override
  public String description() {
    return "an EDM diffusion model";
  }

  @Override
  public Preconditioning.Edm preconditioning(ImageDataSet images) {
    return Preconditioning.edm(
        sigmaData == null ? images.standardDeviation() : sigmaData, networkTime);
  }

  @Override
  public TrainingBatches batches(
      BatchSettings settings, ComputationGraph network, ComputationGraph teacher) {
    return new EdmBatches(settings, preconditioning(settings.images()), EdmBatches.LogNormal.EDM);
  }

  @Override
  public Optional<String> incomparableLoss() {
    return Optional.empty();
  }

  @Override
  public EdmModel measuredOn(ImageDataSet images) {
    return new EdmModel(unet, preconditioning(images).sigmaData(), networkTime);
  }

  @Override
  public SampledModel sampled() {
    return new SampledModel.SigmaDenoiser();
  }

  @Override
  public SamplerSettings usualSampler() {
    return new HeunSampler.Settings();
  }
}
