package org.lcsc.metrics;

import java.util.Arrays;
import org.lcsc.io.HostMemory;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A sum of outer products of rows, double. Large ones are kept as the lower triangle alone, in
 * blocks of columns, which takes little more than half of a full product's time (BLAS's syrk would
 * be the call, but ND4J's passes it one row only). Not thread-safe.
 */
final class OuterProducts {

  /** From this dimension on, packing the blocks costs nothing beside multiplying them. */
  private static final int LARGE = 512;

  private static final int BLOCKS = 8;

  /** Rows and columns of a tile when rows are transposed. */
  private static final int TILE = 32;

  private final int dimension;

  /** First column of each block, and the dimension after the last one. */
  private final int[] first;

  /** Block b is {@code [D - first[b], first[b + 1] - first[b]]} column-major. */
  private final INDArray[] blocks;

  /** The latest rows by components, and the same on the heap; null before the first. */
  private INDArray components;

  private double[] packed;

  OuterProducts(int dimension) {
    this.dimension = dimension;
    int count = dimension < LARGE ? 1 : BLOCKS;
    this.first = new int[count + 1];
    this.blocks = new INDArray[count];
    Arrays.setAll(first, b -> (int) ((long) b * dimension / count));
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      for (int b = 0; b < count; b++) {
        long[] shape = {dimension - first[b], first[b + 1] - first[b]};
        blocks[b] = Nd4j.create(DataType.DOUBLE, shape, 'f');
      }
    }
  }

  /** An independent copy. */
  OuterProducts copy() {
    OuterProducts copy = new OuterProducts(dimension);
    copy.add(this);
    return copy;
  }

  /** Adds another sum. */
  void add(OuterProducts other) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      for (int b = 0; b < blocks.length; b++) {
        blocks[b].addi(other.blocks[b]);
      }
    }
  }

  /**
   * Adds the outer products of rows.
   *
   * @param rows row-major, at least {@code count} of them
   */
  void add(double[] rows, int count) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray columns = transposed(rows, count);
      for (int b = 0; b < blocks.length; b++) {
        // Intervals of columns are contiguous, and so multiplied where they lie.
        INDArray tall = columns.get(NDArrayIndex.all(), NDArrayIndex.interval(first[b], dimension));
        INDArray wide =
            columns.get(NDArrayIndex.all(), NDArrayIndex.interval(first[b], first[b + 1]));
        Nd4j.gemm(tall, wide, blocks[b], true, false, 1.0, 1.0);
      }
    }
  }

  /** The rows as {@code [count, D]} column-major, in memory that is used again. */
  private INDArray transposed(double[] rows, int count) {
    if (components == null || components.size(0) != count) {
      if (components != null) {
        components.close();
      }
      components = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {count, dimension}, 'f');
      packed = new double[count * dimension];
    }
    // By tiles that stay in the cache: both sides are then read and written by whole lines.
    for (int row0 = 0; row0 < count; row0 += TILE) {
      int row1 = Math.min(count, row0 + TILE);
      for (int j0 = 0; j0 < dimension; j0 += TILE) {
        int j1 = Math.min(dimension, j0 + TILE);
        for (int row = row0; row < row1; row++) {
          for (int j = j0; j < j1; j++) {
            packed[j * count + row] = rows[row * dimension + j];
          }
        }
      }
    }
    try (HostMemory memory = HostMemory.write(components)) {
      memory.put(0, packed, 0, packed.length);
    }
    return components;
  }

  /** The sum times a factor, {@code [D * D]}, exactly symmetric. */
  double[] toHost(double scale) {
    double[] values = new double[dimension * dimension];
    for (int b = 0; b < blocks.length; b++) {
      double[] block = DenseSymmetric.toHost(blocks[b]);
      int height = dimension - first[b];
      for (int column = first[b]; column < first[b + 1]; column++) {
        int start = (column - first[b]) * height - first[b];
        for (int row = column; row < dimension; row++) {
          double value = block[start + row] * scale;
          values[column * dimension + row] = value;
          values[row * dimension + column] = value;
        }
      }
    }
    return values;
  }

  /** Frees the memory. */
  void close() {
    for (INDArray block : blocks) {
      block.close();
    }
    if (components != null) {
      components.close();
    }
  }
}
