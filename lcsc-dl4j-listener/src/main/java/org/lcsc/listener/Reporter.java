package org.lcsc.listener;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scores models for the record alone: on noise or data that neither the search nor the choice of a
 * model sees, usually with more samples and in several measures.
 */
@FunctionalInterface
public interface Reporter {

  /**
   * Scores one parameter vector.
   *
   * @param parameters flat parameters of the network, {@code [P]}; not to be modified or retained
   * @return scores by name, in the order to be shown
   */
  Map<String, Double> report(INDArray parameters);
}
