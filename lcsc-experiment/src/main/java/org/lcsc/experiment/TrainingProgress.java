package org.lcsc.experiment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.lcsc.diffusion.training.LearningRate;
import org.lcsc.experiment.output.CsvWriter;
import org.lcsc.experiment.output.ProgressBar;

/**
 * Shows the training's progress and writes {@code metrics.csv}: every {@value #EVERY} iterations
 * the mean loss since the row before, the learning rate, and the seconds since the start.
 */
final class TrainingProgress extends BaseTrainingListener {

  /** Columns of {@code metrics.csv}. */
  static final String[] COLUMNS = {"iteration", "loss", "learningRate", "seconds"};

  private static final int EVERY = 50;

  private final ProgressBar bar;
  private final CsvWriter metrics;
  private final LearningRate learningRate;
  private final long start = System.nanoTime();
  private final BooleanSupplier stopping;
  private final double earlierSeconds;
  private double sum;
  private int count;
  private int last;
  private int lastRow;

  /**
   * What a resumed training's progress goes on from.
   *
   * @param iteration updates applied
   * @param lossSum losses since the last row, summed
   * @param lossCount how many
   * @param lastRow iteration of that row, 0 before the first
   * @param seconds of training so far
   */
  record Saved(int iteration, double lossSum, int lossCount, int lastRow, double seconds) {

    /** Before the first update. */
    static final Saved START = new Saved(0, 0, 0, 0, 0);
  }

  /**
   * A listener.
   *
   * @param bar shown on the terminal; counts iterations
   * @param metrics receives rows of {@link #COLUMNS}
   * @param learningRate the training's learning rate
   * @param from where to go on
   * @param stopping whether the user asked for the end: a run that goes on later has no last row
   */
  TrainingProgress(
      ProgressBar bar,
      CsvWriter metrics,
      LearningRate learningRate,
      Saved from,
      BooleanSupplier stopping) {
    this.bar = bar;
    this.metrics = metrics;
    this.learningRate = learningRate;
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
    return earlierSeconds + (System.nanoTime() - start) / 1e9;
  }

  @Override
  public void iterationDone(Model model, int iteration, int epoch) {
    int done = iteration + 1;
    sum += model.score();
    count++;
    if (done % EVERY == 0) {
      row(done, epoch);
    } else {
      bar.advance(1);
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
    bar.update(done, String.format(Locale.ROOT, "loss %.4f", loss));
    try {
      metrics.row(done, loss, learningRate.valueAt(done - 1, epoch), seconds());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write metrics.csv: " + e.getMessage(), e);
    }
    lastRow = done;
  }
}
