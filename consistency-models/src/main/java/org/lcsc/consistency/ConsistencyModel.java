package org.lcsc.consistency;

import java.util.Optional;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.layer.ImageLoss;
import org.lcsc.diffusion.layer.PerceptualDistance;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.model.EdmModel;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.sampler.SamplerSettings;

/** What the settings of all kinds of consistency models share. */
interface ConsistencyModel extends GenerativeModel {

  /** What all sections {@code model.consistency} say of the distance. */
  interface Pairs {

    /** Between the two sides of a pair. */
    Distance distance();

    /** c of the pseudo-Huber distance; null: by the size of the images. */
    Double huberConstant();

    /** The network of the LPIPS distance; null with others. */
    default Backbone backbone() {
      return null;
    }
  }

  /** Section {@code model.consistency}. */
  Pairs consistency();

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
  default ImageLoss loss(ImageDataSet images, boolean mean) {
    Pairs pairs = consistency();
    return pairs.distance().loss(pairs.huberConstant(), pairs.backbone(), images.shape(), mean);
  }

  @Override
  default boolean lossIsOfValues() {
    return consistency().distance().isOfValues();
  }

  @Override
  default Optional<String> incomparableLoss() {
    return Optional.of(
        "whose loss compares outputs of the network with each other and is least where all are the"
            + " same");
  }

  @Override
  default PerceptualDistance perceptual() {
    Backbone backbone = consistency().backbone();
    return backbone == null ? null : backbone.distance();
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
