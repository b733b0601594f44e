package org.lcsc.averaging;

import java.util.Arrays;
import org.nd4j.linalg.api.blas.Level1;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A power-function average of the weights, kept beside training (Karras et al. 2024, Equation 4):
 * {@code average = beta_t average + (1 - beta_t) parameters} with {@code beta_t = (1 - 1 /
 * t)^(gamma + 1)} at update t. The initial weights have no part in it: beta_1 is 0. Two BLAS calls
 * per update, nothing allocated; float32. Not thread-safe.
 */
public final class PowerEma {

  private final PowerProfile profile;
  private final INDArray average;
  private long updates;

  /**
   * An average before the first update.
   *
   * @param width sigma_rel, see {@link PowerProfile#ofWidth}
   * @param parameters P
   */
  public PowerEma(double width, long parameters) {
    this.profile = PowerProfile.ofWidth(width);
    this.average = Nd4j.createUninitializedDetached(DataType.FLOAT, parameters);
    this.average.assign(0);
  }

  /**
   * Goes on from a saved average.
   *
   * @param width sigma_rel of the saved one
   * @param average {@link #parameters()} of the saved one; copied
   * @param updates {@link #updates()} of the saved one, at least 0
   */
  public PowerEma(double width, INDArray average, long updates) {
    this(width, average.length());
    if (updates < 0) {
      throw new IllegalArgumentException("updates must be at least 0, got " + updates);
    }
    this.average.assign(average.reshape('c', new long[] {average.length()}));
    this.updates = updates;
  }

  /** Goes on from a saved average of the same width. */
  void restore(INDArray saved, long updates) {
    if (updates < 0) {
      throw new IllegalArgumentException("updates must be at least 0, got " + updates);
    }
    average.assign(saved.reshape('c', new long[] {average.length()}));
    this.updates = updates;
  }

  /**
   * Takes in the weights after an update.
   *
   * @param parameters float32, P elements; not modified
   */
  public void update(INDArray parameters) {
    if (parameters.length() != average.length()) {
      throw new IllegalArgumentException(
          "this average has "
              + average.length()
              + " parameters, got an array of shape "
              + Arrays.toString(parameters.shape()));
    }
    if (parameters.dataType() != DataType.FLOAT) {
      throw new IllegalArgumentException(
          "an average needs FLOAT parameters, got " + parameters.dataType());
    }
    INDArray flat =
        parameters.rank() == 1
            ? parameters
            : parameters.reshape('c', new long[] {parameters.length()});
    updates++;
    // The weights sum to 1 exactly: the complement is taken of the share as rounded.
    float keep = (float) profile.kept(updates);
    Level1 blas = Nd4j.getBlasWrapper().level1();
    blas.scal(average.length(), keep, average);
    blas.axpy(average.length(), 1f - keep, flat, average);
  }

  /** The average, float32 {@code [P]}: live, the next update changes it. */
  public INDArray parameters() {
    return average;
  }

  /** Its profile. */
  public PowerProfile profile() {
    return profile;
  }

  /** Updates taken in. */
  public long updates() {
    return updates;
  }

  @Override
  public String toString() {
    return "PowerEma(width=" + profile.width() + ", updates=" + updates + ")";
  }
}
