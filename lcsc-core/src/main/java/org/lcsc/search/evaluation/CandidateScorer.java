package org.lcsc.search.evaluation;

import java.util.Arrays;
import java.util.function.LongSupplier;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.PartialObjective;
import org.lcsc.objective.StageSeconds;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Scores the candidates of a generation. Their merged parameters are formed a block of rows at a
 * time into one array that is reused.
 *
 * <p>A block is always merged whole, whichever of its rows are asked for: a matrix product over
 * fewer rows may round differently, and a resumed search must see the same bits.
 */
final class CandidateScorer implements AutoCloseable {

  private static final double NANO = 1e-9;

  private final CheckpointMerger merger;
  private final int maxRows;
  private final LongSupplier nanoTime;

  private INDArray array;
  private double[][] candidates = {};

  /** First row of the block that the array holds, -1 for none. */
  private int first = -1;

  private double secondsPerRow;

  CandidateScorer(CheckpointMerger merger, int maxRows, LongSupplier nanoTime) {
    this.merger = merger;
    this.maxRows = maxRows;
    this.nanoTime = nanoTime;
  }

  /** Sets the candidates whose rows follow; those at hand already are not merged again. */
  void load(double[][] candidates) {
    if (!Arrays.deepEquals(candidates, this.candidates)) {
      this.candidates = candidates;
      first = -1;
    }
  }

  /**
   * Scores a candidate on a share of the samples; its share of the merging of its block is added to
   * the seconds.
   */
  Evaluation evaluate(Objective objective, int index, double fidelity) {
    return evaluate(objective, parameters(index), fidelity);
  }

  /** Scores a row that {@link #parameters} gave; several at a time where the objectives differ. */
  Evaluation evaluate(Objective objective, INDArray parameters, double fidelity) {
    Evaluation evaluation =
        fidelity == 1
            ? objective.evaluate(parameters)
            : PartialObjective.require(objective).evaluate(parameters, fidelity);
    return new Evaluation(
        evaluation.score(), evaluation.seconds().plus(new StageSeconds(secondsPerRow, 0, 0, 0)));
  }

  /** The merged parameters of a candidate, {@code [P]}: a view that the next block overwrites. */
  INDArray parameters(int index) {
    int start = blockOf(index);
    if (start != first) {
      merge(start, Math.min(maxRows, candidates.length - start));
    }
    return array.getRow(index - start).reshape(merger.parameters());
  }

  /** First candidate of the block of another. */
  int blockOf(int index) {
    return index - index % maxRows;
  }

  private void merge(int start, int rows) {
    long begin = nanoTime.getAsLong();
    allocate(rows);
    merger.merge(Arrays.copyOfRange(candidates, start, start + rows), array);
    secondsPerRow = (nanoTime.getAsLong() - begin) * NANO / rows;
    first = start;
  }

  /** The array has exactly the rows of the block; blocks of a search nearly all have the same. */
  private void allocate(int rows) {
    if (array == null || array.size(0) != rows) {
      close();
      array = Nd4j.createUninitialized(DataType.FLOAT, rows, merger.parameters());
    }
  }

  @Override
  public void close() {
    if (array != null) {
      array.close();
      array = null;
      first = -1;
    }
  }
}
