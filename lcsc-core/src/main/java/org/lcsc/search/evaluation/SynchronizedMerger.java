package org.lcsc.search.evaluation;

import org.lcsc.checkpoint.CheckpointMerger;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A merger for several threads: one product at a time, for a window's scratch memory is shared. */
record SynchronizedMerger(CheckpointMerger merger) implements CheckpointMerger {

  @Override
  public int size() {
    return merger.size();
  }

  @Override
  public int groups() {
    return merger.groups();
  }

  @Override
  public String grouping() {
    return merger.grouping();
  }

  @Override
  public long[] iterations() {
    return merger.iterations();
  }

  @Override
  public synchronized long[] checksums() {
    return merger.checksums();
  }

  @Override
  public long parameters() {
    return merger.parameters();
  }

  @Override
  public synchronized void merge(double[][] coefficients, INDArray out) {
    merger.merge(coefficients, out);
  }

  @Override
  public synchronized double[] dot(INDArray vector) {
    return merger.dot(vector);
  }

  @Override
  public synchronized double[][][] centredGrams() {
    return merger.centredGrams();
  }
}
