package org.lcsc.search.evaluation;

import org.lcsc.checkpoint.CheckpointMerger;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A merger for several threads: one product at a time, for a window's scratch memory is shared. */
final class SynchronizedMerger implements CheckpointMerger {

  private final CheckpointMerger window;

  SynchronizedMerger(CheckpointMerger window) {
    this.window = window;
  }

  @Override
  public int size() {
    return window.size();
  }

  @Override
  public int groups() {
    return window.groups();
  }

  @Override
  public String grouping() {
    return window.grouping();
  }

  @Override
  public long[] iterations() {
    return window.iterations();
  }

  @Override
  public synchronized long[] checksums() {
    return window.checksums();
  }

  @Override
  public long parameters() {
    return window.parameters();
  }

  @Override
  public synchronized void merge(double[][] coefficients, INDArray out) {
    window.merge(coefficients, out);
  }

  @Override
  public synchronized double[] dot(INDArray vector) {
    return window.dot(vector);
  }

  @Override
  public synchronized double[][][] centredGrams() {
    return window.centredGrams();
  }
}
