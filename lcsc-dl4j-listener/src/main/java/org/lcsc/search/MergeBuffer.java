package org.lcsc.search;

import java.util.Arrays;
import java.util.function.LongSupplier;
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
final class MergeBuffer implements AutoCloseable {

  private static final double NANO = 1e-9;

  private final CheckpointMerger window;
  private final int maxRows;
  private final LongSupplier nanoTime;

  private INDArray array;
  private double[][] candidates = {};

  /** First row of the block that the array holds, -1 for none. */
  private int first = -1;

  private double secondsPerRow;

  MergeBuffer(CheckpointMerger window, int maxRows, LongSupplier nanoTime) {
    this.window = window;
    this.maxRows = maxRows;
    this.nanoTime = nanoTime;
  }

  /** Sets the candidates whose rows follow. */
  void load(double[][] candidates) {
    this.candidates = candidates;
    first = -1;
  }

  /** Scores a candidate; its share of the merging of its block is added to the seconds. */
  Evaluation evaluate(Objective objective, int index) {
    return evaluate(objective, index, 1);
  }

  /** Scores a candidate on a share of the samples. */
  Evaluation evaluate(Objective objective, int index, double fidelity) {
    int start = index - index % maxRows;
    if (start != first) {
      merge(start, Math.min(maxRows, candidates.length - start));
    }
    INDArray parameters = array.getRow(index - start).reshape(window.parameters());
    Evaluation evaluation =
        fidelity < 1
            ? ((PartialObjective) objective).evaluate(parameters, fidelity)
            : objective.evaluate(parameters);
    return new Evaluation(
        evaluation.score(), evaluation.seconds().plus(new StageSeconds(secondsPerRow, 0, 0, 0)));
  }

  private void merge(int start, int rows) {
    long begin = nanoTime.getAsLong();
    allocate(rows);
    window.merge(Arrays.copyOfRange(candidates, start, start + rows), array);
    secondsPerRow = (nanoTime.getAsLong() - begin) * NANO / rows;
    first = start;
  }

  /** The array has exactly the rows of the block; blocks of a search nearly all have the same. */
  private void allocate(int rows) {
    if (array == null || array.size(0) != rows) {
      close();
      array = Nd4j.createUninitialized(DataType.FLOAT, rows, window.parameters());
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
