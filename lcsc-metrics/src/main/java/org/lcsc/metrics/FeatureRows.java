package org.lcsc.metrics;

import java.util.Arrays;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The first so many feature vectors of a stream, as float: for the measures that need the vectors
 * themselves (KID, precision and recall, FID-infinity), with memory bounded by a capacity and not
 * by the number of images. Not thread-safe.
 */
public final class FeatureRows {

  private final int dimension;
  private final float[] values;
  private int used;

  /**
   * Creates an empty store.
   *
   * @param capacity most vectors to keep, at least 1
   * @param dimension number of features D, at least 1
   */
  public FeatureRows(int capacity, int dimension) {
    if (capacity < 1 || dimension < 1) {
      throw new IllegalArgumentException(
          "capacity and dimension must be at least 1, got " + capacity + " and " + dimension);
    }
    this.dimension = dimension;
    this.values = new float[Math.multiplyExact(capacity, dimension)];
  }

  /**
   * Keeps vectors as long as there is room.
   *
   * @param features {@code N * D} values, row-major
   */
  public void add(float[] features) {
    if (features.length % dimension != 0) {
      throw new IllegalArgumentException(
          "Features must be whole rows of " + dimension + ", got " + features.length + " values");
    }
    int count = Math.min(features.length, values.length - used);
    System.arraycopy(features, 0, values, used, count);
    used += count;
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
