package org.lcsc.diffusion.layer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Absolute error (l1), averaged or summed over the C H W elements of an example. Its gradient is 0
 * where prediction and target agree.
 */
public final class AbsoluteError extends ElementwiseError {

  /** Mean over the elements. */
  public AbsoluteError() {
    this(true);
  }

  /**
   * An absolute error.
   *
   * @param mean whether to average over the elements of an example, else to sum
   */
  @JsonCreator
  public AbsoluteError(@JsonProperty(value = "mean", required = true) boolean mean) {
    super(mean);
  }

  @Override
  void losses(INDArray differences) {
    Transforms.abs(differences, false);
  }

  @Override
  void slopes(INDArray differences) {
    Transforms.sign(differences, false);
  }
}
