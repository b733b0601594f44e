package org.lcsc.diffusion.released;

import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNetShape;

/**
 * The network that a released file is of.
 *
 * @param body its settings
 * @param images that it is for
 * @param model the kind of model that it usually is
 * @param networkTime how a noise level is given to it; null for a model of time steps
 */
public record ReleasedNetwork(
    UNetShape body, NetworkBody.Images images, String model, NetworkTime networkTime) {

  /**
   * The standard deviation of the images' values that released networks take for granted, unless
   * their file says another as {@value #SIGMA_DATA_TEXT} beside its tensors.
   */
  public static final double SIGMA_DATA = 0.5;

  /** What a file calls that deviation. */
  public static final String SIGMA_DATA_TEXT = "sigma_data";
}
