package org.lcsc.listener;

import java.util.List;
import java.util.Optional;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.io.ModelWriter;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Searches windows of checkpoints that a training elsewhere left, or is leaving, of whatever
 * framework: what {@link LcscListener} does at its iterations, without a model in training. Made by
 * {@link LcscListenerBuilder#buildSearches}. Not thread-safe.
 */
public final class WindowSearches {

  private final LcscListenerBuilder settings;
  private final TrainingSearches searches;

  WindowSearches(LcscListenerBuilder builder) {
    BatchNormUpdate batchNorm = new BatchNormUpdate(builder.batchNormData);
    if (builder.model != null) {
      batchNorm.start(builder.model);
    }
    settings = builder;
    searches = new TrainingSearches(builder, batchNorm);
    if (builder.state != null) {
      searches.restore(builder.state);
    }
  }

  /**
   * Searches.
   *
   * @param window at least 2 checkpoints
   * @param groups of the parameters that get coefficients of their own
   * @param writer writes the models
   * @return the result; empty where the search was cancelled
   * @throws IllegalArgumentException where the window holds fewer than 2 checkpoints
   * @throws java.io.UncheckedIOException where the result cannot be written
   */
  public Optional<LcscResult> search(
      CheckpointWindow window, ParameterGroups groups, ModelWriter writer) {
    Refuse.argument(
        window.size() < 2, "a search needs at least 2 checkpoints, got %s", window.size());
    int newest = window.size() - 1;
    try (INDArray last = window.checkpoint(newest)) {
      return searches.run(
          writer,
          new ModelComparison.Training(
              window.iterations()[newest],
              last,
              false,
              averages(),
              window,
              null,
              searches.results().earlier(window.iterations()[newest]),
              groups,
              settings.ranges));
    }
  }

  private List<ExponentialMovingAverage> averages() {
    return settings.state == null ? List.of() : settings.state.averages();
  }

  /** The results so far, in order. */
  public List<LcscResult> results() {
    return searches.results().list();
  }

  /**
   * The result with the best model, the earliest of equals; empty while none had a finite score.
   */
  public Optional<LcscResult> best() {
    return Optional.ofNullable(searches.results().bestResult());
  }

  /** Given once the target is reached or a search was cancelled. */
  public StopSignal stopSignal() {
    return searches.stop();
  }

  /**
   * What a killed process continues from, see {@link LcscListenerBuilder#resume(ListenerState)}.
   */
  public ListenerState state() {
    SearchResults results = searches.results();
    return new ListenerState(averages(), -1, results.list(), results.merged(), results.best());
  }
}
