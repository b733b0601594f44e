package org.lcsc.metrics;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Maps images to the activations of several layers of a network: what LPIPS compares. */
@FunctionalInterface
public interface ActivationStack {

  /**
   * Runs the network.
   *
   * @param images {@code [N, C, H, W]} float, nominally in [-1, 1]
   * @return one array {@code [N, C_l, H_l, W_l]} float per layer, always as many
   * @throws IllegalArgumentException where the channel count or size does not fit the network
   */
  List<INDArray> activations(INDArray images);
}
