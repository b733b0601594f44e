package org.lcsc.diffusion.layer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Squared error, averaged or summed over the C H W elements of an example. L_simple of Ho et al.
 * 2020 (Eq. 14) is this loss on the noise; the DDIM code sums it, improved DDPM averages it.
 */
public final class SquaredError extends ElementwiseError {

  /** Mean over the elements. */
  public SquaredError() {
    this(true);
  }

  /**
   * A squared error.
   *
   * @param mean whether to average over the elements of an example, else to sum
   */
  @JsonCreator
  public SquaredError(@JsonProperty(value = "mean", required = true) boolean mean) {
    super(mean);
  }

  @Override
  void losses(INDArray differences) {
    differences.muli(differences);
  }

  @Override
  void slopes(INDArray differences) {
    differences.muli(2);
  }
}
