package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
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
    INDArray y = memory.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape(), 'c');
    RowOps.add(ImageRows.of(x), ImageRows.column(embedding), ImageRows.of(y));
    return y;
  }

  @Override
  INDArray[] backward(INDArray x, INDArray embedding, INDArray epsilon, LayerWorkspaceMgr memory) {
    INDArray dEmbedding =
        memory.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), embedding.shape(), 'c');
    RowOps.rowSums(ImageRows.of(epsilon), 1, ImageRows.column(dEmbedding));
    return new INDArray[] {memory.dup(ArrayType.ACTIVATION_GRAD, epsilon, 'c'), dEmbedding};
  }
}
