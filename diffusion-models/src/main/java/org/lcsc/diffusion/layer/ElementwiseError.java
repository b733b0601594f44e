package org.lcsc.diffusion.layer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** A loss that is a mean or a sum over the C H W elements of an example. Thread-safe. */
abstract class ElementwiseError implements ImageLoss {

  @JsonProperty private final boolean mean;

  /**
   * A loss.
   *
   * @param mean whether to average over the elements of an example, else to sum
   */
  ElementwiseError(boolean mean) {
    this.mean = mean;
  }

  /** Replaces differences by their losses. */
  abstract void losses(INDArray differences);

  /** Replaces differences by the slopes of their losses. */
  abstract void slopes(INDArray differences);

  private double factor(INDArray prediction) {
    return mean ? (double) prediction.size(0) / prediction.length() : 1;
  }

  @Override
  public final void perExample(
      INDArray prediction, INDArray target, INDArray scratch, INDArray out) {
    prediction.sub(target, scratch);
    losses(scratch);
    RowOps.rowSums(
        scratch.reshape('c', prediction.size(0), prediction.length() / prediction.size(0)),
        factor(prediction),
        out);
  }

  @Override
  public final void gradient(INDArray prediction, INDArray target, INDArray out) {
    prediction.sub(target, out);
    slopes(out);
    out.muli(factor(prediction));
  }

  @Override
  public final boolean equals(Object other) {
    return other != null
        && other.getClass() == getClass()
        && ((ElementwiseError) other).mean == mean;
  }

  @Override
  public final int hashCode() {
    return 31 * getClass().hashCode() + Boolean.hashCode(mean);
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + "(" + (mean ? "mean" : "sum") + ")";
  }
}
