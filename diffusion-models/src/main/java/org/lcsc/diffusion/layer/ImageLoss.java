package org.lcsc.diffusion.layer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;

/**
 * A loss between a predicted and a target image, one value per example. Implementations are
 * immutable and stored in the network's JSON, which Jackson must be able to read back.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS, property = "@class")
public interface ImageLoss {

  /**
   * Loss of each example.
   *
   * @param prediction {@code [N, ...]}
   * @param target same shape
   * @param scratch same shape, free to overwrite
   * @param out {@code [N, 1]}, receives the losses
   */
  void perExample(INDArray prediction, INDArray target, INDArray scratch, INDArray out);

  /**
   * Gradient of the sum over examples of {@link #perExample} with respect to the prediction.
   *
   * @param prediction {@code [N, ...]}
   * @param target same shape
   * @param out same shape, receives the gradient
   */
  void gradient(INDArray prediction, INDArray target, INDArray out);
}
