package org.lcsc.search;

import org.lcsc.checkpoint.CheckpointWindow;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Forms alpha . Theta, the linear combinations of the K checkpoints of a window. The checkpoints do
 * not change while a search runs.
 */
public interface CheckpointMerger {

  /** Number of checkpoints K. */
  int size();

  /** Iterations of the checkpoints, ascending; a copy. */
  long[] iterations();

  /** Number of parameters P of one checkpoint. */
  long parameters();

  /**
   * Merges a generation of candidates. The same coefficients in an array of the same shape give the
   * same bits.
   *
   * @param coefficients one row of K per candidate, {@code [B, K]}
   * @param out receives the merged parameters, {@code [B, P]} float
   */
  void merge(double[][] coefficients, INDArray out);

  /**
   * Theta . v: the inner product of every checkpoint with a vector. Of the gradient with respect to
   * the merged parameters it is the gradient with respect to the coefficients.
   *
   * @param vector {@code [P]} float
   * @return K products
   * @throws UnsupportedOperationException where the merger cannot give them
   */
  default double[] dot(INDArray vector) {
    throw new UnsupportedOperationException("these checkpoints give no gradient");
  }

  /**
   * The Gram matrix of the checkpoints less their mean, {@code [K][K]}; see {@link
   * CheckpointWindow#centredGram}.
   *
   * @throws UnsupportedOperationException where the merger cannot give it
   */
  default double[][] centredGram() {
    throw new UnsupportedOperationException("these checkpoints have no Gram matrix");
  }

  /** The merger of a recorded window. */
  static CheckpointMerger of(CheckpointWindow window) {
    return new CheckpointMerger() {
      @Override
      public int size() {
        return window.size();
      }

      @Override
      public long[] iterations() {
        return window.iterations();
      }

      @Override
      public long parameters() {
        return window.parameters();
      }

      @Override
      public void merge(double[][] coefficients, INDArray out) {
        window.merge(coefficients, out);
      }

      @Override
      public double[] dot(INDArray vector) {
        return window.dot(vector);
      }

      @Override
      public double[][] centredGram() {
        return window.centredGram();
      }
    };
  }
}
