package org.lcsc.averaging;

import org.lcsc.io.LongVectors;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A float32 average of the weights that is updated in place, and the number of its updates. Its
 * weights sum to 1 exactly: the new share is the complement of the kept one as rounded to float32.
 * Two BLAS calls per update, nothing allocated. Not thread-safe.
 */
public abstract class RunningAverage {

  private final INDArray values;
  private long updates;

  /** Zero, before the first update. */
  RunningAverage(long parameters) {
    values = Nd4j.createUninitializedDetached(DataType.FLOAT, parameters);
    values.assign(0);
  }

  /**
   * Continues from a saved average.
   *
   * @param saved {@link #parameters()} of it; copied
   * @param updates {@link #updates()} of it, at least 0
   */
  RunningAverage(INDArray saved, long updates) {
    values = Nd4j.createUninitializedDetached(DataType.FLOAT, saved.length());
    restore(saved, updates);
  }

  /** Takes the place of a saved average of as many parameters. */
  final void restore(INDArray saved, long updates) {
    Refuse.argument(updates < 0, "updates must be at least 0, got %s", updates);
    values.assign(saved.reshape('c', new long[] {values.length()}));
    this.updates = updates;
  }

  /** Share of the average that stays at the next update. */
  abstract float kept();

  /**
   * Takes in the weights after an update.
   *
   * @param parameters float32, P elements; not modified
   */
  public final void update(INDArray parameters) {
    Refuse.argument(
        parameters.length() != values.length(),
        "this average has %s parameters, got an array of shape %s",
        values.length(),
        parameters.shape());
    Refuse.argument(
        parameters.dataType() != DataType.FLOAT,
        "an average needs FLOAT parameters, got %s",
        parameters.dataType());
    INDArray flat =
        parameters.rank() == 1
            ? parameters
            : parameters.reshape('c', new long[] {parameters.length()});
    LongVectors.average(values, kept(), flat);
    updates++;
  }

  /** The average, float32 {@code [P]}: live, the next update changes it. */
  public final INDArray parameters() {
    return values;
  }

  /** Updates taken in. */
  public final long updates() {
    return updates;
  }
}
