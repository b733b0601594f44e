package org.lcsc.averaging;

/**
 * The coefficients a power-function average ({@link PowerProfile}) puts on the checkpoints of a
 * window. As with {@link EmaCoefficients}, a checkpoint stands for the iterations after the one
 * before it, the oldest for as many as the second, and what the average would give to iterations
 * before the window is left out.
 *
 * <p>Stateless and thread-safe.
 */
public final class PowerEmaCoefficients {

  private PowerEmaCoefficients() {}

  /**
   * The coefficients at the newest checkpoint's iteration.
   *
   * @param width sigma_rel, see {@link PowerProfile#ofWidth}
   * @param iterations iterations of the checkpoints, ascending, at least one, the first at least 1
   * @return non-negative, one per checkpoint, sum 1
   */
  public static double[] of(double width, long[] iterations) {
    PowerProfile profile = PowerProfile.ofWidth(width);
    int size = iterations.length;
    if (size == 0 || iterations[0] < 1) {
      throw new IllegalArgumentException(
          "a power-function average needs checkpoints of iterations from 1 on, got "
              + (size == 0 ? "none" : iterations[0]));
    }
    long newest = iterations[size - 1];
    return EmaCoefficients.inProportion(
        iterations,
        k -> {
          long before =
              k > 0
                  ? iterations[k - 1]
                  : Math.max(0, size == 1 ? 0 : iterations[0] - (iterations[1] - iterations[0]));
          return profile.mass(before, iterations[k], newest);
        });
  }
}
