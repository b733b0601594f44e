package org.lcsc.averaging;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A power-function average of the weights, kept beside training (Karras et al. 2024, Equation 4):
 * {@code average = beta_t average + (1 - beta_t) parameters} with {@code beta_t = (1 - 1 /
 * t)^(gamma + 1)} at update t. The initial weights have no part in it: beta_1 is 0. Two BLAS calls
 * per update, nothing allocated; float32. Not thread-safe.
 */
public final class PowerEma {

  private final PowerProfile profile;
  private final RunningAverage average;

  /**
   * An average before the first update.
   *
   * @param width sigma_rel, see {@link PowerProfile#ofWidth}
   * @param parameters P
   */
  public PowerEma(double width, long parameters) {
    this.profile = PowerProfile.ofWidth(width);
    this.average = new RunningAverage(parameters);
  }

  /**
   * Continues from a saved average.
   *
   * @param width sigma_rel of the saved one
   * @param average {@link #parameters()} of the saved one; copied
   * @param updates {@link #updates()} of the saved one, at least 0
   */
  public PowerEma(double width, INDArray average, long updates) {
    this.profile = PowerProfile.ofWidth(width);
    this.average = new RunningAverage(average, updates);
  }

  /** Continues from a saved average of the same width. */
  void restore(INDArray saved, long updates) {
    average.restore(saved, updates);
  }

  /**
   * Takes in the weights after an update.
   *
   * @param parameters float32, P elements; not modified
   */
  public void update(INDArray parameters) {
    average.update((float) profile.kept(average.updates() + 1), parameters);
  }

  /** The average, float32 {@code [P]}: live, the next update changes it. */
  public INDArray parameters() {
    return average.values();
  }

  /** Its profile. */
  public PowerProfile profile() {
    return profile;
  }

  /** Updates taken in. */
  public long updates() {
    return average.updates();
  }

  @Override
  public String toString() {
    return "PowerEma(width=" + profile.width() + ", updates=" + average.updates() + ")";
  }
}
