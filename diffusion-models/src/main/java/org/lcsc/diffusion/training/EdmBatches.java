package org.lcsc.diffusion.training;

import java.util.Objects;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * Training batches of a denoiser in EDM's parameterisation (Karras et al. 2022, arXiv:2206.00364,
 * section 5 and table 1): images with noise of standard deviation sigma, ln sigma being Gaussian;
 * the clean images are the labels, and the labels mask weighs them by {@link
 * Preconditioning#weight}.
 *
 * <p>Not thread-safe.
 */
public final class EdmBatches extends TrainingBatches {

  private static final long serialVersionUID = 1;

  /**
   * Distribution of the noise level.
   *
   * @param logMean mean of ln sigma, finite
   * @param logDeviation standard deviation of ln sigma, above 0
   */
  public record LogNormal(double logMean, double logDeviation) {

    /** EDM's: mean -1.2, standard deviation 1.2. */
    public static final LogNormal EDM = new LogNormal(-1.2, 1.2);

    public LogNormal {
      Refuse.argument(
          !Double.isFinite(logMean), "logMean: expected a finite number, got %s", logMean);
      if (!(logDeviation > 0 && Double.isFinite(logDeviation))) {
        throw new IllegalArgumentException("logDeviation: expected above 0, got " + logDeviation);
      }
    }
  }

  private final transient Preconditioning preconditioning;
  private final transient LogNormal sigmas;

  /**
   * Batches.
   *
   * @param settings data, iterations, seed
   * @param preconditioning of the network that is trained
   * @param sigmas distribution of the noise level
   */
  public EdmBatches(BatchSettings settings, Preconditioning preconditioning, LogNormal sigmas) {
    super(settings);
    this.preconditioning = Objects.requireNonNull(preconditioning, "preconditioning");
    this.sigmas = Objects.requireNonNull(sigmas, "sigmas");
  }

  @Override
  public MultiDataSet batch(int n) {
    double[] sigma = gaussians(LEVEL_STREAM, n);
    double[] weight = new double[sigma.length];
    for (int i = 0; i < sigma.length; i++) {
      sigma[i] = Math.exp(sigmas.logMean() + sigmas.logDeviation() * sigma[i]);
      weight[i] = preconditioning.weight(sigma[i]);
    }
    INDArray clean = images(n);
    INDArray levels = column(sigma);
    INDArray noisy = addScaled(clean, levels, imageNoise(n));
    return new MultiDataSet(
        inputs(noisy, levels, labels(n)),
        new INDArray[] {clean},
        null,
        new INDArray[] {column(weight)});
  }
}
