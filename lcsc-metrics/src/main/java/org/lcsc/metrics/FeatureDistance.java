package org.lcsc.metrics;

/**
 * A distance of a set of feature vectors to a reference set, with its gradient. The reference is
 * fixed.
 */
public interface FeatureDistance {

  /** Short name for logs and tables, for example {@code "fid"}. */
  String name();

  /** Number of features D. */
  int dimension();

  /**
   * The distance of N samples.
   *
   * @param features {@code N * D} values, row-major, N at least 2
   * @return smaller is better; NaN where a feature is not finite
   * @throws IllegalArgumentException where the features are no whole rows
   */
  double distance(float[] features);

  /**
   * The distance of N samples and its gradient with respect to every feature.
   *
   * @param features {@code N * D} values, row-major, N at least 2
   * @param gradient receives {@code N * D} values; arbitrary where the distance is not finite
   * @return as {@link #distance}, to the bit
   */
  double gradient(float[] features, float[] gradient);
}
