package org.lcsc.experiment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.apache.commons.io.function.IOConsumer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.lcsc.diffusion.training.LearningRate;
import org.lcsc.experiment.run.TrainingMetric;

/**
 * Reports the training's progress and writes {@code metrics.csv}: every {@value #EVERY} iterations
 * the mean loss since the row before, the learning rate, and the seconds of training since the
 * start.
 */
final class TrainingProgress extends BaseTrainingListener {

  private static final int EVERY = 50;

  private final RunListener listener;
  private final IOConsumer<TrainingMetric> metrics;
  private final LearningRate learningRate;
  private final long start = System.nanoTime();
  private final BooleanSupplier stopping;
  private final IntSupplier searches;
  private final double earlierSeconds;
  private int searchesBefore;
  private long updated;
  private long searching;
  private double sum;
  private int count;
  private int last;
  private int lastRow;

  /**
   * Where a resumed training's progress continues.
   *
   * @param iteration updates applied
   * @param lossSum losses since the last row, summed
   * @param lossCount how many
   * @param lastRow iteration of that row, 0 before the first
   * @param seconds of training so far, without searches
   */
  record Saved(int iteration, double lossSum, int lossCount, int lastRow, double seconds) {

    /** Before the first update. */
    static final Saved START = new Saved(0, 0, 0, 0, 0);
  }

  /**
   * A listener.
   *
   * @param listener is called after every update
   * @param metrics receives every {@value #EVERY} iterations a row
   * @param learningRate the training's learning rate
   * @param from where to continue
   * @param searches how many searches have ended; their time is none of the training's
   * @param stopping whether the user asked for the end: a run that is resumed later has no last row
   */
  TrainingProgress(
      RunListener listener,
      IOConsumer<TrainingMetric> metrics,
      LearningRate learningRate,
      Saved from,
      IntSupplier searches,
      BooleanSupplier stopping) {
    this.listener = listener;
    this.metrics = metrics;
    this.learningRate = learningRate;
    this.searches = searches;
    this.stopping = stopping;
    last = from.iteration();
    sum = from.lossSum();
    count = from.lossCount();
    lastRow = from.lastRow();
    earlierSeconds = from.seconds();
  }

  /** The progress between two updates. */
  Saved saved() {
    return new Saved(last, sum, count, lastRow, seconds());
  }

  private double seconds() {
    return earlierSeconds + (System.nanoTime() - start - searching) / 1e9;
  }

  /** Stands before the listener that searches, to tell how long it takes. */
  TrainingListener beforeSearches() {
    return new BaseTrainingListener() {
      @Override
      public void iterationDone(Model model, int iteration, int epoch) {
        searchesBefore = searches.getAsInt();
        updated = System.nanoTime();
      }
    };
  }

  @Override
  public void iterationDone(Model model, int iteration, int epoch) {
    int done = iteration + 1;
    if (searches.getAsInt() != searchesBefore) {
      searching += System.nanoTime() - updated;
    }
    sum += model.score();
    count++;
    if (done % EVERY == 0) {
      row(done, epoch);
    } else {
      listener.updated(done, Double.NaN);
    }
    last = done;
  }

  /** The rest that fills no row of its own. */
  @Override
  public void onEpochEnd(Model model) {
    if (count > 0 && !stopping.getAsBoolean()) {
      row(last, 0);
    }
  }

  private void row(int done, int epoch) {
    double loss = sum / count;
    sum = 0;
    count = 0;
    listener.updated(done, loss);
    try {
      metrics.accept(
          new TrainingMetric(done, loss, learningRate.valueAt(done - 1, epoch), seconds()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write metrics.csv: " + e.getMessage(), e);
    }
    lastRow = done;
  }
}
