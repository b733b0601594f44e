package org.lcsc.consistency;

import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.model.EdmModel;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.sampler.SamplerSettings;

/** What the settings of both kinds of consistency models share. */
interface ConsistencyModel extends GenerativeModel {

  /** Standard deviation of the images' values, above 0; null: measured. */
  Double sigmaData();

  /** How the noise level is given to the network. */
  NetworkTime networkTime();

  /** The same network as an EDM denoiser. */
  private EdmModel denoiser() {
    return new EdmModel(unet(), sigmaData(), networkTime());
  }

  @Override
  default Preconditioning preconditioning(ImageDataSet images) {
    Preconditioning.Edm edm = denoiser().preconditioning(images);
    return Preconditioning.consistency(edm.sigmaData(), edm.networkTime());
  }

  @Override
  default Preconditioning teacherPreconditioning(ImageDataSet images) {
    return denoiser().preconditioning(images);
  }

  @Override
  default SampledModel sampled() {
    return new ConsistencySampler.ConsistencyFunction();
  }

  @Override
  default SamplerSettings usualSampler() {
    return new ConsistencySampler.Settings();
  }

  @Override
  default boolean usesRAdam() {
    return true;
  }
}
