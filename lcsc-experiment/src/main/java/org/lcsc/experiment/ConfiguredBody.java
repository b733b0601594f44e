package org.lcsc.experiment;

import org.lcsc.diffusion.layer.TimeEmbedding;
import org.lcsc.diffusion.unet.AdmConfig;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.SongUNetConfig;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.lcsc.experiment.config.UNetConfig;

/** The network that section {@code model.unet} describes, for given images. */
final class ConfiguredBody {

  private ConfiguredBody() {}

  /**
   * The network.
   *
   * @param u the section
   * @param imageChannels channels of the images
   * @param side height and width of the images
   * @param imageClasses classes of the images, used where the section asks for them
   */
  static NetworkBody of(UNetConfig u, int imageChannels, int side, int imageClasses) {
    int classes = u.classConditional() ? imageClasses : 0;
    return switch (u.architecture()) {
      case DDPM -> ddpm(u, imageChannels, side, classes);
      case NCSNPP ->
          SongUNetConfig.ncsnpp(
                  imageChannels, side, u.channels(), u.multipliers(), u.blocks(), u.attention())
              .with(u.heads(), u.dropout(), classes);
      case DDPMPP ->
          SongUNetConfig.ddpmpp(
                  imageChannels, side, u.channels(), u.multipliers(), u.blocks(), u.attention())
              .with(u.heads(), u.dropout(), classes);
      case ADM ->
          new AdmConfig(
              imageChannels,
              side,
              u.channels(),
              u.multipliers(),
              u.blocks(),
              u.attention(),
              u.headChannels(),
              u.dropout(),
              classes);
    };
  }

  private static NetworkBody ddpm(UNetConfig u, int imageChannels, int side, int classes) {
    boolean scaleShift = u.timeEmbedding() == UNetConfig.TimeEmbedding.SCALE_SHIFT;
    return new org.lcsc.diffusion.unet.UNetConfig(
        imageChannels,
        side,
        u.channels(),
        u.multipliers(),
        u.blocks(),
        u.attention(),
        u.heads(),
        scaleShift ? TimeConditioning.SCALE_SHIFT : TimeConditioning.ADD,
        scaleShift ? TimeEmbedding.Form.COS_SIN : TimeEmbedding.Form.SIN_COS,
        scaleShift ? 1e-5 : 1e-6,
        u.dropout(),
        classes,
        u.zeroInit());
  }
}
