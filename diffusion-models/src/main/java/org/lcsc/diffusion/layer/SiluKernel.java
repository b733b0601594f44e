package org.lcsc.diffusion.layer;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SiLU(x) = x sigmoid(x), in the form h + h tanh(h) with h = x/2: libnd4j's tanh runs on oneDNN and
 * the whole is 2.5 times faster than its {@code swish}.
 */
final class SiluKernel {

  private SiluKernel() {}

  /** {@code y = SiLU(x)}; {@code y} may be {@code x}; {@code t} is scratch of the same shape. */
  static void forward(INDArray x, INDArray y, INDArray t) {
    x.mul(0.5, y);
    tanh(y, t);
    t.muli(y);
    y.addi(t);
  }

  /**
   * {@code dx = dy SiLU'(x)} with SiLU'(x) = (1 + tanh h)(1 + h (1 - tanh h)) / 2. {@code dx} may
   * be {@code dy}; {@code a} and {@code b} are scratch of the same shape, {@code a} may be {@code
   * x}.
   */
  static void backward(INDArray x, INDArray dy, INDArray dx, INDArray a, INDArray b) {
    x.mul(0.5, a);
    tanh(a, b);
    // a <- 1 + h - h tanh h, by way of a (1 - b) + 1
    b.rsubi(1);
    a.muli(b);
    a.addi(1);
    // b <- 1 + tanh h = 2 - (1 - tanh h)
    b.rsubi(2);
    a.muli(b);
    dy.mul(a, dx);
    dx.muli(0.5);
  }

  private static void tanh(INDArray x, INDArray y) {
    RowOps.exec("tanh", new INDArray[] {x}, new INDArray[] {y});
  }
}
