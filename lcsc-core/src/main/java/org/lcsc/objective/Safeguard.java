package org.lcsc.objective;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Refuses a model that scores better than another and is worse in something that the score does not
 * see.
 */
@FunctionalInterface
public interface Safeguard {

  /** Refuses nothing. */
  Safeguard NONE = (candidate, rival) -> null;

  /**
   * Compares two models.
   *
   * @param candidate parameters of the better score, {@code [P]}, with time ranges {@code [R * P]};
   *     not modified
   * @param rival parameters of the model that it would take the place of
   * @return why not, in a few words; null where nothing speaks against it
   */
  String refusal(INDArray candidate, INDArray rival);
}
