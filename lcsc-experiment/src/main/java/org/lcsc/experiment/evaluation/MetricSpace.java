package org.lcsc.experiment.evaluation;

import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FrechetDistance;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A feature space with what is known of the real images in it.
 *
 * @param name of FID in this space
 * @param extractor the space
 * @param reference moments of the real images
 * @param real features of real images {@code [M, D]}, null where only statistics are known
 * @param training features of all training images, for the memorisation check; null for none
 * @param heldOut features of real images that no training saw {@code [H, D]}; null for none
 * @param heldOutDistances squared distances of held-out images to the nearest training image; null
 *     for none
 */
public record MetricSpace(
    String name,
    FeatureExtractor extractor,
    FrechetDistance.Reference reference,
    INDArray real,
    INDArray training,
    INDArray heldOut,
    double[] heldOutDistances) {

  /** A space of which only the moments of the real images are known. */
  public MetricSpace(String name, FeatureExtractor extractor, FrechetDistance.Reference reference) {
    this(name, extractor, reference, null, null, null, null);
  }
}
