package org.lcsc.averaging;

/**
 * The power-function profile of an average over training (Karras et al. 2024, "Analyzing and
 * Improving the Training Dynamics of Diffusion Models", Section 3): at time t the weights of time
 * tau have the density {@code (gamma + 1) tau^gamma / t^(gamma + 1)} on [0, t]. Its width, the
 * standard deviation relative to t, is {@code sigma_rel = sqrt((gamma + 1) / (gamma + 3)) / (gamma
 * + 2)}: the average forgets in proportion to how long training has run.
 *
 * @param width sigma_rel, in (0, {@value #WIDEST}]
 * @param exponent gamma, at least 0
 */
public record PowerProfile(double width, double exponent) {

  /** Width of the uniform average over all of training, {@code 12^(-1/2)}: exponent 0. */
  public static final double WIDEST = 0.28867513459481287;

  /**
   * The profile of a width.
   *
   * @param width sigma_rel, in (0, {@value #WIDEST}]; 0.05 to 0.15 is usual
   * @throws IllegalArgumentException where it is out of its range
   */
  public static PowerProfile ofWidth(double width) {
    if (!(width > 0 && width <= WIDEST)) {
      throw new IllegalArgumentException(
          "the width of a power-function average must be in (0, " + WIDEST + "], got " + width);
    }
    // The width falls with the exponent and is below 1 / exponent.
    double low = 0;
    double high = 1 / width;
    for (double middle = (low + high) / 2;
        middle > low && middle < high;
        middle = (low + high) / 2) {
      if (width(middle) > width) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return new PowerProfile(width, low);
  }

  private static double width(double exponent) {
    return Math.sqrt((exponent + 1) / (exponent + 3)) / (exponent + 2);
  }

  /**
   * The share that an update keeps of the average, {@code (1 - 1 / t)^(gamma + 1)}. The average
   * then gives the weights of update i the mass {@code (i^(gamma + 1) - (i - 1)^(gamma + 1)) /
   * t^(gamma + 1)}: the profile's over (i - 1, i].
   *
   * @param update t, at least 1
   */
  double kept(long update) {
    return Math.exp((exponent + 1) * Math.log1p(-1.0 / update));
  }

  /**
   * The mass of the times after {@code from} up to {@code to} in the average at {@code time},
   * without cancellation.
   */
  double mass(double from, double to, double time) {
    double power = exponent + 1;
    double share = from <= 0 ? 1 : -Math.expm1(power * Math.log(from / to));
    return Math.exp(power * Math.log(to / time)) * share;
  }

  /**
   * The integral of the product of two profiles (the paper's Appendix C.2, in closed form): {@code
   * (a + 1) (b + 1) min^(a + b + 1) / ((a + b + 1) s^(a + 1) t^(b + 1))}.
   *
   * @param time s of this profile, above 0
   * @param other the other
   * @param otherTime t of the other, above 0
   */
  double product(double time, PowerProfile other, double otherTime) {
    double a = exponent;
    double b = other.exponent;
    double least = Math.min(time, otherTime);
    return (a + 1)
        * (b + 1)
        / (a + b + 1)
        * Math.exp(a * Math.log(least / time) + b * Math.log(least / otherTime))
        * (least / time)
        / otherTime;
  }
}
