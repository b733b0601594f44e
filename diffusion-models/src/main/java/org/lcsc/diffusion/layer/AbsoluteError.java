package org.lcsc.diffusion.layer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Absolute error (l1), averaged or summed over the C H W elements of an example. */
public final class AbsoluteError implements ImageLoss {

  @JsonProperty private boolean mean;

  /** Mean over the elements. */
  public AbsoluteError() {
    this(true);
  }

  /**
   * An absolute error.
   *
   * @param mean whether to average over the elements of an example, else to sum
   */
  public AbsoluteError(boolean mean) {
    this.mean = mean;
  }

  private double factor(INDArray prediction) {
    return mean ? (double) prediction.size(0) / prediction.length() : 1;
  }

  @Override
  public void perExample(INDArray prediction, INDArray target, INDArray scratch, INDArray out) {
    prediction.sub(target, scratch);
    Transforms.abs(scratch, false);
    RowOps.rowSums(
        scratch.reshape('c', prediction.size(0), prediction.length() / prediction.size(0)),
        factor(prediction),
        out);
  }

  /** {@inheritDoc} Zero where prediction and target agree. */
  @Override
  public void gradient(INDArray prediction, INDArray target, INDArray out) {
    prediction.sub(target, out);
    Transforms.sign(out, false);
    out.muli(factor(prediction));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AbsoluteError error && error.mean == mean;
  }

  @Override
  public int hashCode() {
    return Boolean.hashCode(mean) + 1;
  }

  @Override
  public String toString() {
    return "AbsoluteError(" + (mean ? "mean" : "sum") + ")";
  }
}
