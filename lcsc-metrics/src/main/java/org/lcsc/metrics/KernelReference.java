package org.lcsc.metrics;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link KernelDistance#against}. Pairs are visited in blocks of rows, so that memory grows with
 * the number of samples, not with its square. Immutable and thread-safe.
 *
 * <p>With k(x, y) = (x . y / D + 1)^3, dk/dx = 3 (x . y / D + 1)^2 y / D.
 */
final class KernelReference extends RowDistance {

  private static final int BLOCK_ROWS = 256;

  /** Real features, {@code [D, M]} column-major double. */
  private final INDArray real;

  /** Mean kernel over the pairs of different real samples. */
  private final double realMean;

  KernelReference(float[] rows, int dimension) {
    super(dimension);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      this.real = columns(rows);
    }
    double m = real.size(1);
    this.realMean = sum(real, real, true, 0, null) / (m * (m - 1));
  }

  @Override
  public String name() {
    return "kid";
  }

  @Override
  double finite(float[] features, double[] gradient) {
    double n = (double) features.length / dimension;
    double m = real.size(1);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray generated = columns(features);
      // Every pair of generated samples counts twice, hence the factor 2 of its gradient.
      double own = sum(generated, generated, true, 2 / (n * (n - 1)), gradient) / (n * (n - 1));
      double across = sum(generated, real, false, -2 / (n * m), gradient) / (n * m);
      generated.close();
      return own + realMean - 2 * across;
    }
  }

  /**
   * Sum of the kernel over all pairs, or over those of different index.
   *
   * @param gradient null, or where {@code weight} times the derivative of the sum over the second
   *     argument with respect to each row of the first is added, {@code N * D} row-major
   */
  private double sum(
      INDArray first, INDArray second, boolean skipDiagonal, double weight, double[] gradient) {
    int count = (int) first.size(1);
    int others = (int) second.size(1);
    double sum = 0;
    double[] all = DenseSymmetric.toHost(first);
    for (int start = 0; start < count; start += BLOCK_ROWS) {
      int rows = Math.min(BLOCK_ROWS, count - start);
      double[] part = new double[rows * dimension];
      System.arraycopy(all, start * dimension, part, 0, part.length);
      INDArray block = Nd4j.create(part, new long[] {dimension, rows}, 'f');
      INDArray gram = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {others, rows}, 'f');
      Nd4j.gemm(second, block, gram, true, false, 1.0 / dimension, 0.0);
      double[] values = DenseSymmetric.toHost(gram);
      double blockSum = 0;
      for (int i = 0; i < values.length; i++) {
        double base = values[i] + 1;
        boolean skipped = skipDiagonal && i % others == start + i / others;
        blockSum += skipped ? 0 : base * base * base;
        values[i] = skipped ? 0 : 3 * base * base / dimension;
      }
      sum += blockSum;
      if (gradient != null) {
        INDArray slopes = Nd4j.create(values, new long[] {others, rows}, 'f');
        Nd4j.gemm(second, slopes, block, false, false, weight, 0.0);
        double[] added = DenseSymmetric.toHost(block);
        for (int i = 0; i < added.length; i++) {
          gradient[start * dimension + i] += added[i];
        }
        slopes.close();
      }
      gram.close();
      block.close();
    }
    return sum;
  }

  /** Rows as columns of a double matrix. */
  private INDArray columns(float[] rows) {
    double[] values = new double[rows.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = rows[i];
    }
    return Nd4j.create(values, new long[] {dimension, rows.length / dimension}, 'f');
  }
}
