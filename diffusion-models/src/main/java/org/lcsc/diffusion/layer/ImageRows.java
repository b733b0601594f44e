package org.lcsc.diffusion.layer;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Images and embeddings seen as rows, one per (example, channel). */
final class ImageRows {

  private ImageRows() {}

  /** {@code [N, C, H, W]} as {@code [N C, H W]}. */
  static INDArray of(INDArray image) {
    return image.reshape('c', image.size(0) * image.size(1), image.size(2) * image.size(3));
  }

  /** {@code [N, C]} as {@code [N C, 1]}. */
  static INDArray column(INDArray embedding) {
    return embedding.reshape('c', embedding.length(), 1);
  }
}
