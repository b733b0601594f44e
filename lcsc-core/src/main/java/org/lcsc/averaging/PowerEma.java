package org.lcsc.averaging;

/**
 * A power-function average of the weights, kept beside training (Karras et al. 2024, Equation 4):
 * {@code average = beta_t average + (1 - beta_t) parameters} with {@code beta_t = (1 - 1 /
 * t)^(gamma + 1)} at update t. The initial weights have no part in it: beta_1 is 0. Two BLAS calls
 * per update, nothing allocated; float32. Not thread-safe.
 */
public final class PowerEma extends RunningAverage {

  private final PowerProfile profile;

  /**
   * An average before the first update.
   *
   * @param width sigma_rel, see {@link PowerProfile#ofWidth}
   * @param parameters P
   */
  public PowerEma(double width, long parameters) {
    super(parameters);
    this.profile = PowerProfile.ofWidth(width);
  }

  @Override
  float kept() {
    return (float) profile.kept(updates() + 1);
  }

  /** Its profile. */
  public PowerProfile profile() {
    return profile;
  }

  @Override
  public String toString() {
    return "PowerEma(width=" + profile.width() + ", updates=" + updates() + ")";
  }
}
