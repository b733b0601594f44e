package org.lcsc.diffusion.schedule;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The straight path of flow matching from an image to noise, {@code x_t = (1 - t) x_0 + t eps} for
 * t in [0, 1], along which the velocity is {@code dx/dt = eps - x_0} (Lipman et al. 2022,
 * arXiv:2210.02747; Liu et al. 2022, arXiv:2209.03003; t as in Esser et al. 2024,
 * arXiv:2403.03206).
 *
 * <p>Divided by {@code 1 - t} it is EDM's image {@code x_0 + sigma eps} with {@code sigma = t / (1
 * - t)}; divided by {@code sqrt((1 - t)^2 + t^2)} it is that of a variance-preserving diffusion
 * whose noise rate over its signal rate is the same sigma.
 *
 * <p>Stateless and thread-safe.
 */
public final class FlowPath {

  private FlowPath() {}

  /**
   * The noise level {@code t / (1 - t)}, beside an image of scale 1.
   *
   * @param t in [0, 1]
   * @return infinite for 1
   */
  public static double sigma(double t) {
    return t / (1 - t);
  }

  /**
   * The time {@code sigma / (1 + sigma)} of a noise level, the inverse of {@link #sigma}.
   *
   * @param sigma at least 0, finite
   */
  public static double time(double sigma) {
    return sigma / (1 + sigma);
  }

  /**
   * The clean image {@code x_t - t v} that a velocity stands for.
   *
   * @param t in [0, 1]
   * @param x the noisy image x_t, any shape
   * @param velocity shape of {@code x}
   * @param into where x_0 is written, shape of {@code x}, dense C order; may be either of both
   */
  public static void toX0(double t, INDArray x, INDArray velocity, INDArray into) {
    InPlace.combine(1, x, -t, velocity, into);
  }
}
