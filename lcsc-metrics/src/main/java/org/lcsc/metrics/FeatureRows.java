package org.lcsc.metrics;

import java.util.Arrays;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Feature vectors evenly spread over a stream, as float: for the measures that need the vectors
 * themselves (KID, precision and recall, FID-infinity), with memory bounded by a capacity and not
 * by the number of images. Of images sorted by class all classes have their share. Not thread-safe.
 */
public final class FeatureRows {

  private final int total;
  private final int capacity;
  private final int dimension;
  private final float[] values;
  private int used;
  private long seen;

  /**
   * Creates an empty store.
   *
   * @param total vectors of the stream, at least 1
   * @param most of them that are kept, at least 1
   * @param dimension number of features D, at least 1
   */
  public FeatureRows(int total, int most, int dimension) {
    Refuse.argument(
        total < 1 || most < 1 || dimension < 1,
        "total, most and dimension must be at least 1, got %s, %s and %s",
        total,
        most,
        dimension);
    this.total = total;
    this.capacity = Math.min(total, most);
    this.dimension = dimension;
    this.values = new float[Math.multiplyExact(capacity, dimension)];
  }

  /**
   * Takes the next vectors of the stream.
   *
   * @param features {@code N * D} values, row-major
   * @throws IllegalStateException where they are more than the stream has
   */
  public void add(float[] features) {
    Rows.requireWhole(features, dimension);
    for (int from = 0; from < features.length; from += dimension) {
      Refuse.state(seen == total, "more than the announced %s vectors were added", total);
      boolean kept = (seen + 1) * capacity / total > seen * capacity / total;
      seen++;
      if (kept) {
        System.arraycopy(features, from, values, used, dimension);
        used += dimension;
      }
    }
  }

  /** Vectors kept so far. */
  public int size() {
    return used / dimension;
  }

  /** The vectors, {@code [size, D]}; a copy. */
  public INDArray array() {
    Refuse.state(used == 0, "no feature vector was added");
    return Nd4j.create(Arrays.copyOf(values, used), new long[] {size(), dimension}, 'c');
  }
}
