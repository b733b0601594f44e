package org.lcsc.diffusion.layer;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SiLU(x) = x sigmoid(x), in the form h + h tanh(h) with h = x/2.
 *
 * <p>On the CPU in float32, tanh is the rational function x P(x^2) / Q(x^2), P and Q of degree
 * four, fitted for the least greatest relative error on [-9, 9] (2e-8; 4e-7 with float32's
 * rounding); beyond, tanh is 1 in float32. Additions, multiplications and one division vectorise,
 * which the exponential does not. Elsewhere libnd4j's tanh serves.
 */
final class SiluKernel {

  private static final float LIMIT = 9;

  private static final float P1 = 0.13381019f;
  private static final float P2 = 0.0034955803f;
  private static final float P3 = 2.0608953e-05f;
  private static final float P4 = 1.3354489e-08f;
  private static final float Q1 = 0.46714336f;
  private static final float Q2 = 0.025876952f;
  private static final float Q3 = 0.0003285622f;
  private static final float Q4 = 7.776486e-07f;

  private SiluKernel() {}

  private static float tanh(float x) {
    float c = Math.max(-LIMIT, Math.min(LIMIT, x));
    float s = c * c;
    float p = (((P4 * s + P3) * s + P2) * s + P1) * s + 1;
    float q = (((Q4 * s + Q3) * s + Q2) * s + Q1) * s + 1;
    return c * p / q;
  }

  /** {@code x = SiLU(x)} for the first {@code count} values. */
  static void forward(float[] x, int count) {
    for (int i = 0; i < count; i++) {
      float h = 0.5f * x[i];
      x[i] = h + h * tanh(h);
    }
  }

  /** {@code dy = dy SiLU'(x)} for the first {@code count} values. */
  static void backward(float[] x, float[] dy, int count) {
    for (int i = 0; i < count; i++) {
      float h = 0.5f * x[i];
      float t = tanh(h);
      dy[i] = 0.5f * dy[i] * (1 + t) * (1 + h * (1 - t));
    }
  }

  /** {@code y = SiLU(x)}, dense arrays; {@code y} may be {@code x}. */
  static void forwardOnHost(INDArray x, INDArray y) {
    HostFloats from = HostFloats.of(x);
    HostFloats to = HostFloats.of(y);
    float[] values = Scratch.floats(0, Scratch.BLOCK);
    for (long start = 0; start < x.length(); start += Scratch.BLOCK) {
      int count = (int) Math.min(Scratch.BLOCK, x.length() - start);
      from.read(start, values, 0, count);
      forward(values, count);
      to.write(start, values, 0, count);
    }
  }

  /** {@code dx = dy SiLU'(x)}, dense arrays. */
  static void backwardOnHost(INDArray x, INDArray dy, INDArray dx) {
    HostFloats from = HostFloats.of(x);
    HostFloats gradient = HostFloats.of(dy);
    HostFloats to = HostFloats.of(dx);
    float[] values = Scratch.floats(0, Scratch.BLOCK);
    float[] gradients = Scratch.floats(1, Scratch.BLOCK);
    for (long start = 0; start < x.length(); start += Scratch.BLOCK) {
      int count = (int) Math.min(Scratch.BLOCK, x.length() - start);
      from.read(start, values, 0, count);
      gradient.read(start, gradients, 0, count);
      backward(values, gradients, count);
      to.write(start, gradients, 0, count);
    }
  }

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
