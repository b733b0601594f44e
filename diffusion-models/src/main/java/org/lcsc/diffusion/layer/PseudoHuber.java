package org.lcsc.diffusion.layer;

import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Pseudo-Huber distance {@code sqrt(|x - y|^2 + c^2) - c}, in which |x - y| is the Euclidean norm
 * over all C H W elements of an example, not element by element (Song and Dhariwal 2023,
 * arXiv:2310.14189, section 3.3).
 *
 * @param c width of the quadratic part, above 0
 */
public record PseudoHuber(@JsonProperty double c) implements ImageLoss {

  public PseudoHuber {
    Refuse.argument(
        !(c > 0 && Double.isFinite(c)), "pseudo-Huber constant: expected above 0, got %s", c);
  }

  private static INDArray rows(INDArray image) {
    return image.reshape('c', image.size(0), image.length() / image.size(0));
  }

  /** sqrt(|x - y|^2 + c^2) of each example into {@code out}; {@code square} is overwritten. */
  private void roots(INDArray square, INDArray out) {
    square.muli(square);
    RowOps.rowSums(rows(square), 1, out);
    out.addi(c * c);
    Transforms.sqrt(out, false);
  }

  @Override
  public void perExample(INDArray prediction, INDArray target, INDArray scratch, INDArray out) {
    prediction.sub(target, scratch);
    roots(scratch, out);
    out.subi(c);
  }

  @Override
  public void gradient(INDArray prediction, INDArray target, INDArray out) {
    INDArray roots = Nd4j.createUninitialized(prediction.dataType(), prediction.size(0), 1);
    prediction.sub(target, out);
    roots(out, roots);
    roots.rdivi(1);
    prediction.sub(target, out);
    RowOps.multiply(rows(out), roots, rows(out));
  }

  @Override
  public String toString() {
    return "PseudoHuber(" + c + ")";
  }
}
