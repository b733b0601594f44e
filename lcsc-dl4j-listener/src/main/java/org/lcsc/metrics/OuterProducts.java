package org.lcsc.metrics;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A sum of outer products of rows, double. Large ones are kept as the lower triangle alone, in
 * blocks of columns, which takes little more than half of a full product's time (BLAS's syrk would
 * be the call, but ND4J's passes it one row only). Not thread-safe.
 */
final class OuterProducts {

  /** From this dimension on, packing the blocks costs nothing beside multiplying them. */
  private static final int LARGE = 512;

  private static final int BLOCKS = 8;

  private final int dimension;

  /** First column of each block, and the dimension after the last one. */
  private final int[] first;

  /** Block b is {@code [D - first[b], first[b + 1] - first[b]]} column-major. */
  private final INDArray[] blocks;

  @SuppressWarnings("try")
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
  @SuppressWarnings("try")
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
  @SuppressWarnings("try")
  void add(double[] rows, int count) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      for (int b = 0; b < blocks.length; b++) {
        INDArray tall = columns(rows, count, first[b], dimension);
        INDArray wide =
            first[b + 1] == dimension ? tall : columns(rows, count, first[b], first[b + 1]);
        Nd4j.gemm(tall, wide, blocks[b], false, true, 1.0, 1.0);
        if (wide != tall) {
          wide.close();
        }
        tall.close();
      }
    }
  }

  /** Some components of every row, {@code [to - from, count]} column-major. */
  private INDArray columns(double[] rows, int count, int from, int to) {
    int height = to - from;
    double[] packed = new double[count * height];
    for (int row = 0; row < count; row++) {
      System.arraycopy(rows, row * dimension + from, packed, row * height, height);
    }
    return Nd4j.create(packed, new long[] {height, count}, 'f');
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
  }
}
