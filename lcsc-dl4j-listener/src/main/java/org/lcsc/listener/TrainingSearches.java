package org.lcsc.listener;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.io.ModelWriter;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.search.SearchInterruptedException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the searches of a training: keeps, writes and tells what they find, and gives the stop
 * signal once the target is reached or a search was cancelled. Not thread-safe.
 */
final class TrainingSearches {

  /** Of the listener, in whose log these lines belong. */
  private static final Logger LOG = LoggerFactory.getLogger(LcscListener.class);

  private final ModelComparison comparison;
  private final RunOutput output;
  private final BatchNormUpdate batchNorm;
  private final LcscListenerBuilder settings;
  private final Consumer<LcscResult> onResult;
  private final SearchResults results;
  private final StopSignal stop = new StopSignal();
  private long interruptedAt = -1;

  /**
   * No search so far.
   *
   * @param batchNorm what models are scored after
   */
  TrainingSearches(LcscListenerBuilder builder, BatchNormUpdate batchNorm) {
    this.batchNorm = batchNorm;
    comparison = builder.comparison(batchNorm);
    output = builder.runOutput(batchNorm);
    settings = builder;
    onResult = builder.onResult;
    results = new SearchResults(builder.warmStart());
  }

  /** Takes the results of a killed training. */
  void restore(ListenerState state) {
    results.restore(state);
    state.results().forEach(this::requestStopAtTarget);
  }

  /**
   * Searches.
   *
   * @param writer writes the models
   * @param training with at least 2 checkpoints
   * @return the result; empty where the search was cancelled
   * @throws IllegalStateException where no objective was given
   * @throws UncheckedIOException where the result cannot be written
   */
  Optional<LcscResult> run(ModelWriter writer, ModelComparison.Training training) {
    Refuse.state(comparison == null, "a search needs an objective, the listener was given none");
    String held = training.window().size() + " of " + training.window().capacity();
    LOG.info("Search at iteration {}: the window holds {} checkpoints", training.iteration(), held);
    // Objectives of others draw from it, and so does dropout in the training that goes on.
    Random random = Nd4j.getRandom();
    long rootState = random.rootState();
    long nodeState = random.nodeState();
    try {
      if (output != null) {
        output.requirePresent();
      }
      LcscResult result = comparison.run(training);
      interruptedAt = -1;
      take(result, writer, training);
      return Optional.of(result);
    } catch (SearchInterruptedException | CancellationException e) {
      interruptedAt = training.iteration();
      stop.request("search interrupted at iteration " + training.iteration());
      LOG.warn(
          "The search at iteration {} stopped early: {}", training.iteration(), e.getMessage());
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    } finally {
      random.setStates(rootState, nodeState);
    }
  }

  private void take(LcscResult result, ModelWriter writer, ModelComparison.Training training)
      throws IOException {
    boolean better = results.take(result, training, batchNorm);
    requestStopAtTarget(result);
    if (result.verdict() != null && !result.verdict().better()) {
      LOG.warn("Iteration {}: {}", result.iteration(), result.verdict().text(settings::shown));
    }
    if (!result.refused().isEmpty()) {
      LOG.warn(
          "Iteration {}: {} combinations that score better than EMA* are not taken, the best of"
              + " them, {}; search.refused of the recipe has all",
          result.iteration(),
          result.refused().size(),
          result.refused().get(0));
    }
    LOG.info(
        "Iteration {}: LCSC {}, EMA* {} ({}), last {} on validation; best is {}",
        result.iteration(),
        settings.shown(result.validationScore()),
        settings.shown(result.emaStar().validationScore()),
        result.emaStar().label(),
        settings.shown(result.baseline("last").validationScore()),
        result.best().label());
    if (output != null) {
      output.write(result, writer, training, results.merged(), better ? results.best() : null);
    }
    if (output != null && settings.keepBaselines) {
      for (ScoredModel baseline : result.reportedBaselines()) {
        INDArray parameters = SearchResults.emitted(baseline, training, batchNorm);
        output.writeBaseline(result, baseline, writer, training, parameters);
        parameters.close();
      }
    }
    onResult.accept(result);
    results.written();
  }

  private void requestStopAtTarget(LcscResult result) {
    if (result.best().validationScore() < settings.targetScore()) {
      stop.request(
          Text.format(
              "%s reached %s, at iteration %d",
              result.best().label(),
              settings.reached(result.best().validationScore()),
              result.iteration()));
    }
  }

  /**
   * Writes averaged models.
   *
   * @throws IllegalStateException where there is no output directory
   */
  void writeAverages(ModelWriter writer, long updates, List<ExponentialMovingAverage> averages)
      throws IOException {
    Refuse.state(output == null, "this listener has no output directory");
    output.writeAverages(writer, updates, averages);
  }

  /** What was found so far. */
  SearchResults results() {
    return results;
  }

  /** Given once the training is to end. */
  StopSignal stop() {
    return stop;
  }

  /** The iteration of a search that was cancelled and not finished since. */
  OptionalLong interruptedAt() {
    return interruptedAt < 0 ? OptionalLong.empty() : OptionalLong.of(interruptedAt);
  }
}
