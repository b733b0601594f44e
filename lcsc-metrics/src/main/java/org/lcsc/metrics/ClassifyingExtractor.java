package org.lcsc.metrics;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A feature extractor that also classifies, in the same pass: what the Inception Score needs. Not
 * thread-safe.
 */
public interface ClassifyingExtractor extends FeatureExtractor {

  /**
   * What one pass gives.
   *
   * @param features {@code [N, D]} float
   * @param probabilities {@code [N, classes]} float, each row summing to 1
   */
  record Outputs(INDArray features, INDArray probabilities) {}

  /** Number of classes, at least 2. */
  int classes();

  /**
   * Extracts features and class probabilities.
   *
   * @param images {@code [N, C, H, W]} float, nominally in [-1, 1]
   * @throws IllegalArgumentException where the channel count or size does not fit the extractor
   */
  Outputs extractAll(INDArray images);

  @Override
  default INDArray extract(INDArray images) {
    return extractAll(images).features();
  }
}
