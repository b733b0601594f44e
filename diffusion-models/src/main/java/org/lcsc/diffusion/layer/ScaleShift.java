package org.lcsc.diffusion.layer;

import java.util.List;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Modulates an image {@code [N, C, H, W]} by an embedding {@code [N, 2C]}: x (1 + scale) + shift,
 * scale being the embedding's first half (improved DDPM's "scale-shift norm", Nichol and Dhariwal
 * 2021).
 */
public final class ScaleShift extends ImageVertex {

  /** The vertex; inputs are the image and the embedding. */
  public ScaleShift() {}

  private static INDArray half(INDArray embedding, int which) {
    long channels = embedding.size(1) / 2;
    return embedding.get(
        NDArrayIndex.all(), NDArrayIndex.interval(which * channels, (which + 1) * channels));
  }

  /** Factor 1 + scale of each (example, channel), [N C, 1]. */
  private static INDArray factor(INDArray embedding, ArrayType type, LayerWorkspaceMgr memory) {
    INDArray factor =
        memory.createUninitialized(
            type, embedding.dataType(), new long[] {embedding.size(0), embedding.size(1) / 2}, 'c');
    factor.assign(half(embedding, 0));
    factor.addi(1);
    return ImageRows.column(factor);
  }

  @Override
  INDArray forward(INDArray x, INDArray embedding, LayerWorkspaceMgr memory) {
    INDArray y = Outputs.activation(memory, x);
    INDArray rows = ImageRows.of(y);
    RowOps.multiply(ImageRows.of(x), factor(embedding, ArrayType.FF_WORKING_MEM, memory), rows);
    INDArray shift =
        memory.createUninitialized(
            ArrayType.FF_WORKING_MEM, x.dataType(), new long[] {x.size(0), x.size(1)}, 'c');
    shift.assign(half(embedding, 1));
    RowOps.add(rows, ImageRows.column(shift), rows);
    return y;
  }

  @Override
  INDArray[] backward(INDArray x, INDArray embedding, INDArray epsilon, LayerWorkspaceMgr memory) {
    INDArray dx = Outputs.gradient(memory, x);
    INDArray sums =
        memory.createUninitialized(
            ArrayType.BP_WORKING_MEM, x.dataType(), new long[] {x.size(0), x.size(1)}, 'c');
    INDArray dEmbedding = Outputs.gradient(memory, embedding);
    epsilon.mul(x, dx);
    RowOps.rowSums(ImageRows.of(dx), 1, ImageRows.column(sums));
    half(dEmbedding, 0).assign(sums);
    RowOps.rowSums(ImageRows.of(epsilon), 1, ImageRows.column(sums));
    half(dEmbedding, 1).assign(sums);
    RowOps.multiply(
        ImageRows.of(epsilon),
        factor(embedding, ArrayType.BP_WORKING_MEM, memory),
        ImageRows.of(dx));
    return new INDArray[] {dx, dEmbedding};
  }

  @Override
  public String addTo(OnnxGraph graph, String image, String embedding) {
    List<String> halves = graph.halves(embedding);
    String factor = graph.add("Add", halves.get(0), graph.real(1));
    return graph.add(
        "Add", graph.add("Mul", image, graph.asImage(factor)), graph.asImage(halves.get(1)));
  }
}
