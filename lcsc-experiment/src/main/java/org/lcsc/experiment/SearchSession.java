package org.lcsc.experiment;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunResults;
import org.lcsc.export.Versions;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.LcscListenerBuilder;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.Reporter;
import org.lcsc.listener.ScoredModel;
import org.lcsc.listener.SearchControl;
import org.lcsc.metrics.objective.MultiFid;
import org.lcsc.objective.Objective;
import org.lcsc.objective.Safeguard;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.SeededNoise;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.search.config.NoiseSetConfig;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The searches of a run, during training or afterwards: gives an {@link LcscListener} the
 * experiment's objectives on the three noise sets, and writes the results to the run directory. Not
 * thread-safe.
 */
final class SearchSession {

  /** Images of a comparison grid. */
  private static final int GRID = 64;

  /** Between the seeds of noise sets that are not configured. */
  static final long SEED_STEP = 1_000_003;

  private final Experiment experiment;
  private final LcscConfig lcsc;
  private final TimeRanges ranges;
  private final RunDirectory directory;
  private final ComputationGraph network;
  private final RunListener listener;
  private final RunEvents events;
  private final List<RunResults.Search> results = new ArrayList<>();
  private LcscListener lcscListener;
  private SampleGenerator samples;

  /**
   * A session.
   *
   * @param network gives the architecture
   * @param listener is called with every result
   * @param events receive the scores; the caller closes them
   */
  SearchSession(
      Experiment experiment,
      RunDirectory directory,
      ComputationGraph network,
      RunListener listener,
      RunEvents events) {
    this.experiment = experiment;
    this.lcsc = experiment.config().lcsc();
    this.ranges = lcsc == null ? TimeRanges.ONE : experiment.config().timeRanges(lcsc.search());
    this.directory = directory;
    this.network = network;
    this.listener = listener;
    this.events = events;
  }

  /**
   * Completes a listener.
   *
   * @param builder of the configuration, with its window
   * @param control ends the searches and keeps their states
   */
  LcscListener listener(LcscListenerBuilder builder, SearchControl control) throws IOException {
    builder.model(network).output(directory.root());
    experiment.cancelledBy(control.cancelled());
    if (lcsc != null) {
      samples = experiment.generator(network, ranges);
      configure(builder, control);
    }
    lcscListener = builder.build();
    lcscListener.results().forEach(this::add);
    return lcscListener;
  }

  private void configure(LcscListenerBuilder builder, SearchControl control) throws IOException {
    MultiFid fresh =
        experiment.report(network, lcsc.report().seed(), lcsc.report().samples(), ranges);
    Reporter reporter = parameters -> fresh.evaluateAll(parameters).scores();
    NoiseSetConfig validation = lcsc.validation();
    SampleGenerator shared = experiment.shared(network, ranges);
    builder
        .objective(experiment.searched(network, lcsc.search()))
        .validation(experiment.objective(network, shared, validation.seed(), validation.samples()))
        .safeguard(lcsc.search().keepRecall() ? experiment.variety(shared) : Safeguard.NONE)
        .report(reporter)
        .noiseSets(noiseSets())
        .timeRanges(ranges)
        .control(
            control.watchedBy(
                iteration ->
                    listener.searchStarted(iteration, lcsc.search().evaluations(), score -> score)))
        .onResult(this::take)
        .provenance(experiment.provenance());
  }

  /** Noise that nothing else sees, as many samples as validation has. */
  private List<Objective> noiseSets() throws IOException {
    List<Objective> sets = new ArrayList<>();
    for (int i = 0; i < Experiment.NOISE_SETS; i++) {
      long seed = lcsc.report().seed() + (i + 2) * SEED_STEP;
      sets.add(experiment.objective(network, seed, lcsc.validation().samples(), ranges));
    }
    return sets;
  }

  private void add(LcscResult result) {
    results.add(RunResults.Search.of(result, ranges));
  }

  /** Tells a search's result, with samples of EMA* and LCSC from the same noise. */
  private void take(LcscResult result) {
    add(result);
    INDArray combination = lcscListener.mergedParameters().orElseThrow();
    try {
      events.searched(result);
      listener.searched(
          new SearchOutcome(
              directory, result, ranges, samplesOf(result.emaStar()), samplesOf(combination)));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private INDArray samplesOf(ScoredModel star) {
    if (star.kind() == ScoredModel.Kind.WINDOW_EMA) {
      try (INDArray merged = lcscListener.window().merge(star.coefficients())) {
        return samplesOf(merged);
      }
    }
    return lcscListener.emas().stream()
        .filter(ema -> ema.rate() == star.parameter())
        .findFirst()
        .map(ema -> samplesOf(ema.parameters()))
        .orElseThrow();
  }

  private INDArray samplesOf(INDArray parameters) {
    samples.setParameters(parameters);
    // Noise that neither the search nor the scores have seen.
    long seed = lcsc.report().seed() + SEED_STEP;
    return samples.sample(new SeededNoise(seed), 0, GRID);
  }

  /**
   * Writes the results of all searches.
   *
   * @param iteration updates applied at the end
   * @throws IllegalStateException where the training diverged
   */
  void finish(int iteration) throws IOException {
    directory.requirePresent();
    RunResults found =
        new RunResults(
            iteration,
            lcscListener.stopSignal().reason().orElse(null),
            lcscListener.failed(),
            List.copyOf(results),
            Versions.current());
    listener.finishing(directory, lcscListener.results(), ranges);
    // Last: a run that has it is finished.
    directory.writeResults(found);
    LcscResult best = lcscListener.failed() ? null : lcscListener.best().orElse(null);
    listener.finished(directory, found, best);
    if (lcscListener.failed()) {
      throw new IllegalStateException(
          format(
              "the training diverged: a parameter was not finite at iteration %s, allowed: a lower"
                  + " training.learningRate or a training.gradientClip",
              lcscListener.divergedAt().orElseThrow()));
    }
  }
}
