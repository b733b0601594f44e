package org.lcsc.checkpoint;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Where the products of panels go: the merged array itself, or, where panels are split as a {@link
 * BlockReader} splits them, by way of a scratch array that brings them into order. Not thread-safe.
 */
final class MergeTarget implements AutoCloseable {

  private final INDArray out;
  private final int candidates;
  private final boolean direct;
  private final INDArray scratch;
  private final int[] split;
  private final int[] ordered;

  /**
   * Wraps.
   *
   * @param out float32, row-major {@code [B, P]}, or {@code [P]} of a single candidate
   */
  MergeTarget(TileStore store, INDArray out, int candidates) {
    this.out = out;
    this.candidates = candidates;
    direct = store.direct();
    boolean splits = BlockReader.splits(store.type());
    int width = splits ? store.panelWidth() : 0;
    scratch =
        splits ? Nd4j.createUninitializedDetached(DataType.FLOAT, (long) candidates * width) : null;
    split = new int[width];
    ordered = new int[width];
  }

  /** The array for a panel's product, {@code [B, count]}, or {@code [count]} of a single one. */
  INDArray open(long from, int count) {
    if (scratch == null) {
      return view(from, count);
    }
    return candidates == 1
        ? scratch.get(NDArrayIndex.interval(0, count))
        : TileStore.matrix(scratch.data(), 0, candidates, count, count);
  }

  /** Takes what {@link #open} gave, once the product is in it. */
  void take(long from, int count) {
    if (scratch == null) {
      return;
    }
    FlatArray source = new FlatArray(scratch, direct);
    float[][] rows = new float[candidates][direct ? 0 : count];
    FlatArray target = direct ? new FlatArray(out, true) : null;
    for (int candidate = 0; candidate < candidates; candidate++) {
      source.read((long) candidate * count, split, count);
      BlockReader.join(split, ordered, count);
      if (direct) {
        target.write(candidate * (out.length() / candidates) + from, ordered, count);
      } else {
        for (int i = 0; i < count; i++) {
          rows[candidate][i] = Float.intBitsToFloat(ordered[i]);
        }
      }
    }
    if (!direct) {
      view(from, count)
          .assign(candidates == 1 ? Nd4j.createFromArray(rows[0]) : Nd4j.createFromArray(rows));
    }
  }

  private INDArray view(long from, int count) {
    return candidates == 1
        ? out.get(NDArrayIndex.interval(from, from + count))
        : out.get(NDArrayIndex.all(), NDArrayIndex.interval(from, from + count));
  }

  @Override
  public void close() {
    if (scratch != null) {
      scratch.close();
    }
  }
}
