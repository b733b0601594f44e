package org.lcsc.diffusion.layer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Squared error, averaged or summed over the C H W elements of an example. L_simple of Ho et al.
 * 2020 (Eq. 14) is this loss on the noise; the DDIM code sums it, improved DDPM averages it.
 */
public final class SquaredError implements ImageLoss {

  @JsonProperty private boolean mean;

  /** Mean over the elements. */
  public SquaredError() {
    this(true);
  }

  /**
   * A squared error.
   *
   * @param mean whether to average over the elements of an example, else to sum
   */
  public SquaredError(boolean mean) {
    this.mean = mean;
  }

  private double factor(INDArray prediction) {
    return mean ? (double) prediction.size(0) / prediction.length() : 1;
  }

  @Override
  public void perExample(INDArray prediction, INDArray target, INDArray scratch, INDArray out) {
    prediction.sub(target, scratch);
    scratch.muli(scratch);
    RowOps.rowSums(
        scratch.reshape('c', prediction.size(0), prediction.length() / prediction.size(0)),
        factor(prediction),
        out);
  }

  @Override
  public void gradient(INDArray prediction, INDArray target, INDArray out) {
    prediction.sub(target, out);
    out.muli(2 * factor(prediction));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SquaredError error && error.mean == mean;
  }

  @Override
  public int hashCode() {
    return Boolean.hashCode(mean);
  }

  @Override
  public String toString() {
    return "SquaredError(" + (mean ? "mean" : "sum") + ")";
  }
}
