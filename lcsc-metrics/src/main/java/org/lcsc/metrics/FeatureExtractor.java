package org.lcsc.metrics;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Maps images to feature vectors. Not thread-safe. */
public interface FeatureExtractor {

  /**
   * Identifies the space, weights included: two extractors with the same id give the same features.
   * Used as a key of cached reference statistics.
   */
  String id();

  /** Number of features D. */
  int dimension();

  /**
   * Extracts features.
   *
   * @param images {@code [N, C, H, W]} float, nominally in [-1, 1]
   * @return {@code [N, D]} float
   * @throws IllegalArgumentException where the channel count or size does not fit the extractor
   */
  INDArray extract(INDArray images);
}
