package org.lcsc.averaging;

import java.util.Arrays;
import org.lcsc.io.Refuse;

/**
 * Equal coefficients: the latest weight averaging (LAWA) of a window, and what stochastic weight
 * averaging (SWA, Izmailov et al. 2018) is of its checkpoints.
 *
 * <p>Stateless and thread-safe.
 */
public final class UniformCoefficients {

  private UniformCoefficients() {}

  /**
   * The coefficients.
   *
   * @param size number of checkpoints, positive
   * @return {@code [size]}, each 1 / size
   */
  public static double[] of(int size) {
    Refuse.argument(size <= 0, "a uniform average needs a checkpoint, got %s", size);
    double[] coefficients = new double[size];
    Arrays.fill(coefficients, 1.0 / size);
    return coefficients;
  }
}
