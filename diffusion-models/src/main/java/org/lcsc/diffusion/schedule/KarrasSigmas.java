package org.lcsc.diffusion.schedule;

import org.lcsc.io.Refuse;

/**
 * The noise levels of EDM (Karras et al. 2022, arXiv:2206.00364, equation 5), which consistency
 * models use as well: evenly spaced in {@code sigma^(1/rho)}.
 *
 * <p>Stateless and thread-safe.
 */
public final class KarrasSigmas {

  /** Smallest noise level of EDM. */
  public static final double SIGMA_MIN = 0.002;

  /** Largest noise level of EDM. */
  public static final double SIGMA_MAX = 80;

  /** Curvature of EDM: 1 is uniform, larger values crowd the levels at the low end. */
  public static final double RHO = 7;

  private KarrasSigmas() {}

  /** {@code n} levels from 80 down to 0.002, with rho = 7. */
  public static double[] edm(int n) {
    return of(n, SIGMA_MIN, SIGMA_MAX, RHO);
  }

  /**
   * Noise levels, descending; the first is exactly {@code max}, the last exactly {@code min}. No
   * zero is appended.
   *
   * @param n number of levels, at least 2
   * @param min smallest level, above 0
   * @param max largest level, above {@code min}
   * @param rho curvature, above 0
   */
  public static double[] of(int n, double min, double max, double rho) {
    Refuse.argument(n < 2, "number of sigmas must be at least 2, but is %s", n);
    if (!(min > 0 && min < max && Double.isFinite(max))) {
      throw new IllegalArgumentException(
          "sigmas need 0 < min < max, but min is " + min + " and max is " + max);
    }
    Refuse.argument(!(rho > 0 && Double.isFinite(rho)), "rho must be positive, but is %s", rho);
    double[] sigmas = new double[n];
    double from = Math.pow(max, 1 / rho);
    double to = Math.pow(min, 1 / rho);
    for (int i = 0; i < n; i++) {
      sigmas[i] = Math.pow(from + (double) i / (n - 1) * (to - from), rho);
    }
    sigmas[0] = max;
    sigmas[n - 1] = min;
    return sigmas;
  }
}
