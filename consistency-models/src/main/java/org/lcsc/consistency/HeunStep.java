package org.lcsc.consistency;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One step of Heun's method for the probability flow ODE {@code dx/dsigma = (x - D(x, sigma)) /
 * sigma}, from one noise level per image to the next lower one: how a teacher gives the other side
 * of a consistency pair (Song et al. 2023, arXiv:2303.01469, Algorithm 2; Karras et al. 2022,
 * arXiv:2206.00364, Algorithm 1).
 */
final class HeunStep {

  private HeunStep() {}

  /**
   * Steps.
   *
   * @param teacher the denoiser D
   * @param x images {@code [N, C, H, W]}; not modified
   * @param sigma noise level of each, {@code [N, 1]}
   * @param next the level to reach, {@code [N, 1]}, above 0 and below sigma
   * @return the images at {@code next}, a new array
   */
  static INDArray apply(NoisedDenoiser teacher, INDArray x, INDArray sigma, INDArray next) {
    INDArray step = next.sub(sigma);
    INDArray slope = slope(teacher, x, sigma);
    INDArray euler = rows("multiply", slope, step).addi(x);
    INDArray mean = slope(teacher, euler, next).addi(slope).muli(0.5);
    return rows("multiply", mean, step).addi(x);
  }

  private static INDArray slope(NoisedDenoiser teacher, INDArray x, INDArray sigma) {
    return rows("divide", x.sub(teacher.predict(x, sigma)), sigma);
  }

  private static INDArray rows(String op, INDArray x, INDArray factors) {
    long[] rows = {x.size(0), x.length() / x.size(0)};
    INDArray out = Nd4j.createUninitialized(x.dataType(), x.shape());
    Nd4j.exec(
        new DynamicCustomOp(
            op,
            new INDArray[] {x.reshape('c', rows), factors},
            new INDArray[] {out.reshape('c', rows)}));
    return out;
  }
}
