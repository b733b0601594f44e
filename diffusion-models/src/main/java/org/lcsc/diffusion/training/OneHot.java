package org.lcsc.diffusion.training;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Class labels as rows with a single one.
 *
 * <p>Stateless and thread-safe.
 */
public final class OneHot {

  private OneHot() {}

  /**
   * Encodes labels.
   *
   * @param labels numbers in [0, classes)
   * @param classes number of classes, at least 1
   * @return {@code [labels.length, classes]} float
   */
  public static INDArray of(int[] labels, int classes) {
    float[] values = new float[labels.length * classes];
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "label: expected 0 to " + (classes - 1) + ", got " + labels[i]);
      }
      values[i * classes + labels[i]] = 1;
    }
    return Nd4j.createFromArray(values).reshape(labels.length, classes);
  }
}
