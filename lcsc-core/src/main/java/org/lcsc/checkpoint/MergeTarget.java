package org.lcsc.checkpoint;

import org.lcsc.io.HostMemory;
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
  private final INDArray scratch;

  /** The merged array, where panels are split. */
  private final HostMemory merged;

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
    boolean splits = BlockReader.splits(store.type());
    int width = splits ? store.panelWidth() : 0;
    scratch =
        splits ? Nd4j.createUninitializedDetached(DataType.FLOAT, (long) candidates * width) : null;
    merged = splits ? HostMemory.write(out) : null;
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
    long parameters = out.length() / candidates;
    try (HostMemory product = HostMemory.read(scratch)) {
      for (int candidate = 0; candidate < candidates; candidate++) {
        product.get((long) candidate * count, split, 0, count);
        BlockReader.join(split, ordered, count);
        merged.put(candidate * parameters + from, ordered, 0, count);
      }
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
      merged.close();
      scratch.close();
    }
  }
}
