package org.lcsc.averaging;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Latest weight averaging (Kaddour 2022, "Stop Wasting My Time! Saving Days of ImageNet and BERT
 * Training with Latest Weight Averaging"): equal coefficients on the newest checkpoints, none on
 * the others. On all of them it is the uniform average, as stochastic weight averaging (SWA,
 * Izmailov et al. 2018) takes of its checkpoints.
 *
 * <p>Stateless and thread-safe.
 */
public final class LawaCoefficients {

  private LawaCoefficients() {}

  /**
   * The coefficients.
   *
   * @param newest how many checkpoints are averaged, from 1 to {@code size}
   * @param size number of checkpoints
   * @return {@code [size]}, sum 1
   */
  public static double[] of(int newest, int size) {
    if (newest < 1 || newest > size) {
      throw new IllegalArgumentException(
          "averaged checkpoints must be from 1 to " + size + ", got " + newest);
    }
    double[] coefficients = new double[size];
    Arrays.fill(coefficients, size - newest, size, 1.0 / newest);
    return coefficients;
  }

  /**
   * The numbers of checkpoints to try: a half, a quarter and an eighth of the window; all of it is
   * the uniform average.
   *
   * @return descending, each from 2 to {@code size - 1}
   */
  public static int[] grid(int size) {
    return IntStream.of(size / 2, size / 4, size / 8).filter(n -> n >= 2).distinct().toArray();
  }
}
