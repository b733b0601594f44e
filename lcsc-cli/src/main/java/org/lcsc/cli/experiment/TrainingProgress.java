package org.lcsc.cli.experiment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.lcsc.cli.output.CsvWriter;
import org.lcsc.cli.output.ProgressBar;
import org.lcsc.diffusion.training.LearningRate;

/**
 * Shows the training's progress and writes {@code metrics.csv}: every {@value #EVERY} iterations
 * the mean loss since the row before, the learning rate, and the seconds since the start.
 */
public final class TrainingProgress extends BaseTrainingListener {

  /** Columns of {@code metrics.csv}. */
  public static final String[] COLUMNS = {"iteration", "loss", "learningRate", "seconds"};

  private static final int EVERY = 50;

  private final ProgressBar bar;
  private final CsvWriter metrics;
  private final LearningRate learningRate;
  private final long start = System.nanoTime();
  private double sum;
  private int count;
  private int last;

  /**
   * A listener.
   *
   * @param bar shown on the terminal; counts iterations
   * @param metrics receives rows of {@link #COLUMNS}
   * @param learningRate the training's learning rate
   */
  public TrainingProgress(ProgressBar bar, CsvWriter metrics, LearningRate learningRate) {
    this.bar = bar;
    this.metrics = metrics;
    this.learningRate = learningRate;
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
    if (count > 0) {
      row(last, 0);
    }
  }

  private void row(int done, int epoch) {
    double loss = sum / count;
    sum = 0;
    count = 0;
    bar.update(done, String.format(Locale.ROOT, "loss %.4f", loss));
    try {
      metrics.row(
          done, loss, learningRate.valueAt(done - 1, epoch), (System.nanoTime() - start) / 1e9);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
