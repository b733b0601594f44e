package org.lcsc.objective;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Refuses models that score better than another and are worse in something that the score does not
 * see.
 */
@FunctionalInterface
public interface Safeguard {

  /** Refuses nothing. */
  Safeguard NONE = rival -> candidate -> null;

  /** Compares models with a rival. */
  @FunctionalInterface
  interface Comparison {

    /**
     * Compares a model.
     *
     * @param candidate parameters of the better score, {@code [P]}, with time ranges {@code [R *
     *     P]}; not modified
     * @return why not, in a few words; null where nothing speaks against it
     */
    String refusal(INDArray candidate);
  }

  /**
   * Measures the model that others would take the place of.
   *
   * @param rival its parameters, {@code [P]}, with time ranges {@code [P]} or {@code [R * P]}; not
   *     modified, not kept
   */
  Comparison against(INDArray rival);
}
