package org.lcsc.diffusion.schedule;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a variance-preserving network predicts from {@code x = alpha x_0 + sigma eps}, where {@code
 * alpha^2 + sigma^2 = 1}. Either of x_0 and eps follows from x and the network's output.
 */
public enum Prediction {
  /** The noise eps (arXiv:2006.11239): {@code x_0 = (x - sigma eps) / alpha}. */
  EPSILON {
    @Override
    public void toX0(double alpha, double sigma, INDArray x, INDArray output, INDArray into) {
      InPlace.combine(1 / alpha, x, -sigma / alpha, output, into);
    }

    @Override
    public void toEpsilon(double alpha, double sigma, INDArray x, INDArray output, INDArray into) {
      InPlace.combine(0, x, 1, output, into);
    }
  },

  /** The velocity {@code v = alpha eps - sigma x_0} (Salimans and Ho 2022, arXiv:2202.00512). */
  V {
    @Override
    public void toX0(double alpha, double sigma, INDArray x, INDArray output, INDArray into) {
      InPlace.combine(alpha, x, -sigma, output, into);
    }

    @Override
    public void toEpsilon(double alpha, double sigma, INDArray x, INDArray output, INDArray into) {
      InPlace.combine(sigma, x, alpha, output, into);
    }
  },

  /** The clean image x_0: {@code eps = (x - alpha x_0) / sigma}. */
  X0 {
    @Override
    public void toX0(double alpha, double sigma, INDArray x, INDArray output, INDArray into) {
      InPlace.combine(0, x, 1, output, into);
    }

    @Override
    public void toEpsilon(double alpha, double sigma, INDArray x, INDArray output, INDArray into) {
      InPlace.combine(1 / sigma, x, -alpha / sigma, output, into);
    }
  };

  /**
   * The clean image that the output stands for.
   *
   * @param alpha signal rate, above 0
   * @param sigma noise rate, {@code sqrt(1 - alpha^2)}
   * @param x the network's input, any shape
   * @param output the network's output, shape of {@code x}
   * @param into where x_0 is written, shape of {@code x}, dense C order; may be {@code output} or
   *     {@code x}
   */
  public abstract void toX0(double alpha, double sigma, INDArray x, INDArray output, INDArray into);

  /**
   * The noise that the output stands for. Parameters as in {@link #toX0}, with {@code sigma} above
   * 0.
   */
  public abstract void toEpsilon(
      double alpha, double sigma, INDArray x, INDArray output, INDArray into);
}
