package org.lcsc.experiment;

import java.io.IOException;
import java.time.Clock;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.output.EventFile;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.TrainingMetric;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.ScoredModel;

/**
 * A run's progress for TensorBoard, in an {@link EventFile} of its directory, where the
 * configuration wants it: loss and learning rate of the training, and of each search the scores of
 * the combination, of EMA* and of the last weights. Not thread-safe.
 */
final class RunEvents implements AutoCloseable {

  private final EventFile file;

  private RunEvents(EventFile file) {
    this.file = file;
  }

  /**
   * Starts a file where the configuration wants one.
   *
   * @param iteration updates already applied
   */
  static RunEvents open(RunConfig config, RunDirectory directory, int iteration)
      throws IOException {
    return new RunEvents(
        Boolean.TRUE.equals(config.tensorboard())
            ? EventFile.create(directory.root(), iteration + 1L, Clock.systemUTC())
            : null);
  }

  /** Writes what {@code metrics.csv} has. */
  void trained(TrainingMetric metric) throws IOException {
    if (file != null) {
      file.scalar("training/loss", metric.iteration(), metric.loss());
      file.scalar("training/learningRate", metric.iteration(), metric.learningRate());
    }
  }

  /** Writes the scores of a search. */
  void searched(LcscResult result) throws IOException {
    if (file != null) {
      scores("lcsc", result.lcsc(), result.iteration());
      scores("ema-star", result.emaStar(), result.iteration());
      scores("last", result.baseline("last"), result.iteration());
    }
  }

  private void scores(String name, ScoredModel model, long iteration) throws IOException {
    if (model == null) {
      return;
    }
    file.scalar("validation/" + name, iteration, model.validationScore());
    for (var score : model.reportScores().entrySet()) {
      String tag = "fresh-" + score.getKey() + "/" + name;
      file.scalar(tag.replace(' ', '-'), iteration, score.getValue());
    }
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
