package org.lcsc.diffusion.layer;

import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** How the weights and biases of a layer start. Thread-safe. */
public enum Initialisation {
  /** PyTorch's default: weights and biases uniform in plus or minus gain / sqrt(fanIn). */
  FAN_IN,
  /**
   * Uniform Xavier (Glorot and Bengio 2010): weights uniform in plus or minus gain sqrt(6 / (fanIn
   * + fanOut)), biases zero. What EDM's networks start with (Karras et al. 2022, appendix F.5).
   */
  XAVIER,
  /** Weights normal with deviation gain, biases zero: how a table of embeddings starts. */
  NORMAL;

  /**
   * Fills a weight.
   *
   * @param view the weight, in its shape
   * @param fanIn inputs of one output
   * @param fanOut outputs of one input
   * @param gain factor of the values
   * @param seed seed of the values
   */
  void weight(INDArray view, double fanIn, double fanOut, double gain, long seed) {
    switch (this) {
      case FAN_IN -> Conv2d.uniform(view, gain / Math.sqrt(fanIn), seed);
      case XAVIER -> Conv2d.uniform(view, gain * Math.sqrt(6 / (fanIn + fanOut)), seed);
      case NORMAL -> {
        double[] values = normal(Math.toIntExact(view.length()), gain, seed);
        view.assign(
            Nd4j.createFromArray(values).reshape('c', view.shape()).castTo(view.dataType()));
      }
    }
  }

  /** Fills a bias; the arguments are those of the weight. */
  void bias(INDArray view, double fanIn, double gain, long seed) {
    if (this == FAN_IN) {
      Conv2d.uniform(view, gain / Math.sqrt(fanIn), seed);
    } else {
      view.assign(0);
    }
  }

  /**
   * Normal numbers by Box and Muller's method on strict arithmetic, so that they are the same on
   * every machine and Java version.
   */
  static double[] normal(int length, double deviation, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[length];
    for (int i = 0; i < length; i += 2) {
      double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
      double angle = 2 * StrictMath.PI * random.nextDouble();
      values[i] = deviation * radius * StrictMath.cos(angle);
      if (i + 1 < length) {
        values[i + 1] = deviation * radius * StrictMath.sin(angle);
      }
    }
    return values;
  }
}
