package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Adds an embedding {@code [N, C]} to every position of an image {@code [N, C, H, W]}: how DDPM
 * tells its residual blocks the time.
 *
 * <p>Not thread-safe, as no Deeplearning4j configuration is.
 */
public final class AddEmbedding extends ImageVertex {

  /** The vertex; inputs are the image and the embedding. */
  public AddEmbedding() {}

  @Override
  INDArray forward(INDArray x, INDArray embedding, LayerWorkspaceMgr memory) {
    INDArray y = memory.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape(), 'c');
    if (HostFloats.holds(x, embedding)) {
      addOnHost(x, embedding, y);
      return y;
    }
    RowOps.add(ImageRows.of(x), ImageRows.column(embedding), ImageRows.of(y));
    return y;
  }

  @Override
  INDArray[] backward(INDArray x, INDArray embedding, INDArray epsilon, LayerWorkspaceMgr memory) {
    INDArray dEmbedding =
        memory.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), embedding.shape(), 'c');
    if (HostFloats.holds(epsilon)) {
      INDArray dx =
          memory.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), x.shape(), 'c');
      splitOnHost(epsilon, dx, dEmbedding);
      return new INDArray[] {dx, dEmbedding};
    }
    RowOps.rowSums(ImageRows.of(epsilon), 1, ImageRows.column(dEmbedding));
    return new INDArray[] {memory.dup(ArrayType.ACTIVATION_GRAD, epsilon, 'c'), dEmbedding};
  }

  private static void addOnHost(INDArray x, INDArray embedding, INDArray y) {
    int positions = Math.toIntExact(x.size(2) * x.size(3));
    int rows = Math.toIntExact(embedding.length());
    float[] added = HostFloats.all(embedding);
    HostParallel.run(
        rows, positions, (chunk, from, to) -> addOnHost(x, added, y, positions, from, to));
  }

  /** Rows {@code begin} to {@code end - 1}, one per (example, channel). */
  private static void addOnHost(
      INDArray x, float[] added, INDArray y, int positions, int begin, int end) {
    int rowsPerBlock = Math.max(1, Scratch.BLOCK / positions);
    float[] values = Scratch.floats(0, rowsPerBlock * positions);
    HostFloats from = HostFloats.of(x);
    HostFloats to = HostFloats.of(y);
    for (int first = begin; first < end; first += rowsPerBlock) {
      int blockRows = Math.min(rowsPerBlock, end - first);
      long start = (long) first * positions;
      from.read(start, values, 0, blockRows * positions);
      for (int row = 0; row < blockRows; row++) {
        float term = added[first + row];
        for (int i = row * positions; i < (row + 1) * positions; i++) {
          values[i] += term;
        }
      }
      to.write(start, values, 0, blockRows * positions);
    }
  }

  /** The gradient as it is for the image, and its sum over the positions for the embedding. */
  private static void splitOnHost(INDArray epsilon, INDArray dx, INDArray dEmbedding) {
    int positions = Math.toIntExact(epsilon.size(2) * epsilon.size(3));
    float[] sums = new float[Math.toIntExact(dEmbedding.length())];
    HostParallel.run(
        sums.length,
        positions,
        (chunk, from, to) -> splitOnHost(epsilon, dx, sums, positions, from, to));
    HostFloats.of(dEmbedding).write(0, sums, 0, sums.length);
  }

  /** Rows {@code begin} to {@code end - 1}. */
  private static void splitOnHost(
      INDArray epsilon, INDArray dx, float[] sums, int positions, int begin, int end) {
    int rowsPerBlock = Math.max(1, Scratch.BLOCK / positions);
    float[] values = Scratch.floats(0, rowsPerBlock * positions);
    HostFloats from = HostFloats.of(epsilon);
    HostFloats to = HostFloats.of(dx);
    for (int first = begin; first < end; first += rowsPerBlock) {
      int blockRows = Math.min(rowsPerBlock, end - first);
      long start = (long) first * positions;
      from.read(start, values, 0, blockRows * positions);
      for (int row = 0; row < blockRows; row++) {
        sums[first + row] = (float) BlockSums.sum(values, row * positions, positions);
      }
      to.write(start, values, 0, blockRows * positions);
    }
  }
}
