package org.lcsc.diffusion.features;

import org.lcsc.io.Refuse;

/**
 * How a {@link FeatureNetwork} is trained.
 *
 * @param epochs passes over the images, at least 1
 * @param batchSize images per iteration, at least 1
 * @param learningRate Adam's rate after the warm-up, above 0; it falls to 0 along half a cosine
 * @param labelSmoothing share of a label that is spread over all classes, in [0, 1)
 * @param shift images are moved by up to so many pixels, drawn anew each time, at least 0
 * @param seed seed of the initial parameters, the order of the images and their shifts
 */
public record FeatureTrainingConfig(
    int epochs, int batchSize, double learningRate, double labelSmoothing, int shift, long seed) {

  /**
   * @throws IllegalArgumentException where a component is out of its range
   */
  public FeatureTrainingConfig {
    require(epochs >= 1, "epochs", "at least 1", epochs);
    require(batchSize >= 1, "batchSize", "at least 1", batchSize);
    require(
        learningRate > 0 && learningRate < Double.POSITIVE_INFINITY,
        "learningRate",
        "above 0",
        learningRate);
    require(
        labelSmoothing >= 0 && labelSmoothing < 1, "labelSmoothing", "in [0, 1)", labelSmoothing);
    require(shift >= 0, "shift", "at least 0", shift);
  }

  /**
   * The training of this library's own networks: batches of 64, rate 2e-3, label smoothing 0.1,
   * shifts by one pixel.
   *
   * <p>Label smoothing keeps the features of a class apart: without it they contract towards a
   * point per class as training continues, and FID would see little but the proportions of the
   * classes. There is no noise among the augmentations: a network that is taught to overlook noise
   * makes an FID that overlooks it too.
   */
  public FeatureTrainingConfig(int epochs, long seed) {
    this(epochs, 64, 2e-3, 0.1, 1, seed);
  }

  /**
   * Epochs that suit a number of images: about half a million images seen, between 5 and 30 epochs.
   */
  public static int defaultEpochs(int images) {
    return Math.max(5, Math.min(30, 480_000 / images));
  }

  private static void require(boolean right, String name, String range, Object value) {
    Refuse.argument(!right, "%s: expected %s, got %s", name, range, value);
  }
}
