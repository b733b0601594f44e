package org.lcsc.metrics;

import java.util.Map;
import org.lcsc.config.Part;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The settings of a metric of generated images beside FID, computed from features that are kept of
 * them. Key {@code metrics} of a configuration lists those that an evaluation computes.
 * Implementations are immutable records.
 */
public interface Metric extends Part {

  /**
   * What a metric is computed from. Arrays are not modified.
   *
   * @param generated features of generated images {@code [N, D]}, finite
   * @param reference moments of the real images
   * @param real features of real images {@code [M, D]}; null where only moments are known
   * @param training features of all training images {@code [T, D]}; null where the nearest of them
   *     are not looked for
   * @param heldOut features of real images that no training saw {@code [H, D]}; null for none
   * @param heldOutDistances squared distances of held-out images to the nearest training image;
   *     null with {@code training}
   * @param seed of random draws
   */
  record Features(
      INDArray generated,
      FrechetDistance.Reference reference,
      INDArray real,
      INDArray training,
      INDArray heldOut,
      double[] heldOutDistances,
      long seed) {}

  /**
   * What was measured.
   *
   * @param columns numbers of a table by their column's name, shown of the first space
   * @param json entries of the space in a report's JSON
   * @param means numbers of a table by their column's name, shown as their mean over all spaces
   */
  record Measured(
      Map<String, Double> columns, Map<String, Object> json, Map<String, Double> means) {

    /** Without means over the spaces. */
    public Measured(Map<String, Double> columns, Map<String, Object> json) {
      this(columns, json, Map.of());
    }
  }

  /**
   * Measures.
   *
   * @return null where the features do not allow it
   */
  Measured measure(Features features);

  /** Where its columns stand, ascending; those of this library are 10 to 40. */
  default int place() {
    return 100;
  }
}
