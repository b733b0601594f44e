package org.lcsc.metrics;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Features with a gradient: what a search by gradients needs of them. Not thread-safe. */
public interface DifferentiableFeatureExtractor extends FeatureExtractor {

  /**
   * Carries a gradient from the features back to the images.
   *
   * @param images {@code [N, C, H, W]}, as given to {@link #extract}
   * @param epsilon gradient with respect to their features, {@code [N, D]}; not modified
   * @return gradient with respect to the images, {@code [N, C, H, W]}; a new array outside any
   *     workspace
   * @throws IllegalArgumentException where the shapes do not fit, or this extractor's layers have
   *     no gradient
   */
  INDArray backpropagate(INDArray images, INDArray epsilon);

  /**
   * An extractor as one with a gradient.
   *
   * @throws IllegalArgumentException where it has none; the message says what to do
   */
  static DifferentiableFeatureExtractor require(FeatureExtractor extractor) {
    if (extractor instanceof DifferentiableFeatureExtractor differentiable) {
      return differentiable;
    }
    throw new IllegalArgumentException(
        "features "
            + extractor.id()
            + " have no gradient: search in features that have one, such as a Deeplearning4j"
            + " network's, and report in these, or search by evolution");
  }
}
