package org.lcsc.search.evaluation;

import java.util.function.LongSupplier;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.StageSeconds;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Scores single candidates with their gradients, in arrays that are reused. Not thread-safe. */
public final class GradientScorer implements AutoCloseable {

  private static final double NANO = 1e-9;

  private final CheckpointMerger merger;
  private final LongSupplier nanoTime;

  private INDArray merged;
  private INDArray gradient;
  private double[] slopes = {};

  public GradientScorer(CheckpointMerger merger, LongSupplier nanoTime) {
    this.merger = merger;
    this.nanoTime = nanoTime;
  }

  /** Scores a candidate; merging counts both ways. */
  public Evaluation evaluate(DifferentiableObjective objective, double[] candidate, long draw) {
    long begin = nanoTime.getAsLong();
    if (merged == null) {
      merged = Nd4j.createUninitialized(DataType.FLOAT, 1, merger.parameters());
      gradient = Nd4j.createUninitialized(DataType.FLOAT, merger.parameters());
    }
    merger.merge(new double[][] {candidate}, merged);
    long merging = nanoTime.getAsLong() - begin;
    Evaluation evaluation = objective.gradient(merged.reshape(merger.parameters()), draw, gradient);
    begin = nanoTime.getAsLong();
    slopes = evaluation.isFinite() ? merger.dot(gradient) : new double[candidate.length];
    merging += nanoTime.getAsLong() - begin;
    return new Evaluation(
        evaluation.score(), evaluation.seconds().plus(new StageSeconds(merging * NANO, 0, 0, 0)));
  }

  /** Derivatives of the last score with respect to the coefficients. */
  public double[] slopes() {
    return slopes;
  }

  @Override
  public void close() {
    if (merged != null) {
      merged.close();
      gradient.close();
      merged = null;
    }
  }
}
