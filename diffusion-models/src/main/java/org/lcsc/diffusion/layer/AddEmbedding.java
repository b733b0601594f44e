package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Adds an embedding {@code [N, C]} to every position of an image {@code [N, C, H, W]}: how DDPM
 * tells its residual blocks the time.
 */
public final class AddEmbedding extends ImageVertex {

  /** The vertex; inputs are the image and the embedding. */
  public AddEmbedding() {}

  @Override
  INDArray forward(INDArray x, INDArray embedding, LayerWorkspaceMgr memory) {
    INDArray y = Outputs.activation(memory, x);
    if (!HostFloats.holds(x, embedding)) {
      RowOps.add(ImageRows.of(x), ImageRows.column(embedding), ImageRows.of(y));
      return y;
    }
    int positions = Math.toIntExact(x.size(2) * x.size(3));
    float[] added = HostFloats.all(embedding);
    HostFloats.pass(
        x,
        y,
        added.length,
        (values, unused, first, rows) -> {
          for (int row = 0; row < rows; row++) {
            float term = added[first + row];
            for (int i = row * positions; i < (row + 1) * positions; i++) {
              values[i] += term;
            }
          }
          return values;
        });
    return y;
  }

  /** The gradient as it is for the image, and its sum over the positions for the embedding. */
  @Override
  INDArray[] backward(INDArray x, INDArray embedding, INDArray epsilon, LayerWorkspaceMgr memory) {
    INDArray dEmbedding = Outputs.gradient(memory, embedding);
    if (!HostFloats.holds(epsilon)) {
      RowOps.rowSums(ImageRows.of(epsilon), 1, ImageRows.column(dEmbedding));
      return new INDArray[] {memory.dup(ArrayType.ACTIVATION_GRAD, epsilon, 'c'), dEmbedding};
    }
    INDArray dx = Outputs.gradient(memory, x);
    int positions = Math.toIntExact(x.size(2) * x.size(3));
    float[] sums = new float[Math.toIntExact(embedding.length())];
    HostFloats.pass(
        epsilon,
        dx,
        sums.length,
        (values, unused, first, rows) -> {
          for (int row = 0; row < rows; row++) {
            sums[first + row] = (float) BlockSums.sum(values, row * positions, positions);
          }
          return values;
        });
    HostFloats.of(dEmbedding).write(0, sums, 0, sums.length);
    return new INDArray[] {dx, dEmbedding};
  }

  @Override
  public String addTo(OnnxGraph graph, String image, String embedding) {
    return graph.add("Add", image, graph.asImage(embedding));
  }
}
