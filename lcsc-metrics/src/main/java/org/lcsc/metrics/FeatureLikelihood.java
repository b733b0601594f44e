package org.lcsc.metrics;

import java.util.stream.IntStream;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Feature likelihood divergence (FLD, Jiralerspong et al., 2023): how likely held-out images are
 * under Gaussians about the generated ones, whose variances are fitted to the training images. A
 * generated image that repeats a training image gets a narrow Gaussian, which makes no held-out
 * image likely: unlike FID, FLD grows where a model copies.
 *
 * <p>Features are scaled to mean 0 and deviation 1 of the held-out ones; those that do not vary
 * among these are left out. The constants are those of the authors' own implementation. It splits
 * the training images at random for the best value that can be reached; here every so many of them
 * are centres, so that nothing is drawn. FLD depends on the number of images: compare equal numbers
 * only.
 *
 * @param divergence 100 times the negative log likelihood of a held-out image per feature, less
 *     that under Gaussians about one half of the training images that are fitted to the other half;
 *     0 for a model that draws as the data do, larger is worse
 * @param gap 100 times the negative log likelihood per feature of the training images less that of
 *     the held-out ones; the further below 0, the more a model repeats its training images
 */
public record FeatureLikelihood(double divergence, double gap) {

  private static final double SCALE = 100;

  /**
   * Fits and compares.
   *
   * @param training {@code [T, D]}, T at least 2
   * @param heldOut {@code [H, D]}, H at least 2
   * @param generated {@code [N, D]}, N at least 1
   * @return NaN where no feature varies among the held-out images
   * @throws IllegalArgumentException where shapes do not fit or a feature is not finite
   */
  public static FeatureLikelihood of(INDArray training, INDArray heldOut, INDArray generated) {
    Scaling scaling = Scaling.of(heldOut);
    if (scaling.kept.length == 0) {
      return new FeatureLikelihood(Double.NaN, Double.NaN);
    }
    double[] train = scaling.apply(training);
    double[] test = scaling.apply(heldOut);
    double[] samples = scaling.apply(generated);
    int dimension = scaling.kept.length;
    GaussianMixture model = GaussianMixture.fit(samples, train, dimension);
    double unseen = model.meanNegativeLogLikelihood(test);
    double seen = model.meanNegativeLogLikelihood(train);
    double best = best(train, test, samples.length / dimension, dimension);
    return new FeatureLikelihood(SCALE * (unseen - best), SCALE * (seen - unseen));
  }

  /** Of the held-out images under Gaussians about at most so many training images. */
  private static double best(double[] train, double[] test, int most, int dimension) {
    int total = train.length / dimension;
    Refuse.argument(total < 2, "training must hold at least 2 images, got %s", total);
    int count = Math.min(most, total / 2);
    double[] centres = new double[count * dimension];
    double[] rest = new double[train.length - centres.length];
    int next = 0;
    for (int row = 0; row < total; row++) {
      boolean centre = next < count && row == (int) ((long) next * total / count);
      double[] target = centre ? centres : rest;
      int place = centre ? next++ : row - next;
      System.arraycopy(train, row * dimension, target, place * dimension, dimension);
    }
    return GaussianMixture.fit(centres, rest, dimension).meanNegativeLogLikelihood(test);
  }

  /** To mean 0 and deviation 1, divisor N - 1, of the features that vary. */
  private record Scaling(double[] mean, double[] deviation, int[] kept) {

    static Scaling of(INDArray features) {
      Refuse.argument(
          features.rank() != 2 || features.size(0) < 2,
          "heldOut must have shape [H, D], H at least 2, got %s",
          features.shape());
      int dimension = Math.toIntExact(features.size(1));
      double[] values = HostArrays.doubles(features);
      int count = values.length / dimension;
      double[] mean = Rows.mean(values, dimension);
      double[] deviation = new double[dimension];
      for (int i = 0; i < values.length; i++) {
        deviation[i % dimension] += Math.pow(values[i] - mean[i % dimension], 2) / (count - 1);
      }
      for (int j = 0; j < dimension; j++) {
        deviation[j] = Math.sqrt(deviation[j]);
      }
      int[] kept = IntStream.range(0, dimension).filter(j -> deviation[j] > 0).toArray();
      return new Scaling(mean, deviation, kept);
    }

    double[] apply(INDArray features) {
      if (features.rank() != 2 || features.size(1) != mean.length || features.size(0) < 1) {
        throw new IllegalArgumentException(
            Text.format("Features must have shape [N, %s], got %s", mean.length, features.shape()));
      }
      double[] values = HostArrays.doubles(features);
      double[] scaled = new double[Math.toIntExact(features.size(0)) * kept.length];
      for (int i = 0; i < scaled.length; i++) {
        int j = kept[i % kept.length];
        scaled[i] = (values[i / kept.length * mean.length + j] - mean[j]) / deviation[j];
        Refuse.argument(
            !Double.isFinite(scaled[i]), "Features hold NaN or infinite values, must be finite");
      }
      return scaled;
    }
  }
}
