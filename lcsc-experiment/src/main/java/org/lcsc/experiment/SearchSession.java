package org.lcsc.experiment;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.experiment.output.SampleGrid;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.export.RecipeFiles;
import org.lcsc.io.AtomicFiles;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.LcscListenerBuilder;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.Reporter;
import org.lcsc.listener.ScoredModel;
import org.lcsc.listener.SearchControl;
import org.lcsc.metrics.objective.MultiFid;
import org.lcsc.objective.Objective;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.SeededNoise;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.LcscConfig;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The searches of a run, during training or afterwards: gives an {@link LcscListener} the
 * experiment's objectives on the three noise sets, shows each result, and keeps tables and sample
 * grids in the run directory. Not thread-safe.
 */
final class SearchSession {

  /** Images of a comparison grid. */
  private static final int GRID = 64;

  /** Noise sets on which the combination is compared with the best baseline. */
  private static final int NOISE_SETS = 4;

  /** Between the seeds of noise sets that are not configured. */
  private static final long SEED_STEP = 1_000_003;

  private final Experiment experiment;
  private final LcscConfig lcsc;
  private final TimeRanges ranges;
  private final RunDirectory directory;
  private final ComputationGraph network;
  private final PrintWriter out;
  private final PrintWriter err;
  private final List<Map<String, Object>> results = new ArrayList<>();
  private LcscListener listener;
  private SampleGenerator samples;
  private Runnable afterSearch = () -> {};

  /**
   * A session.
   *
   * @param network gives the architecture
   * @param out the results
   * @param err progress
   */
  SearchSession(
      Experiment experiment,
      RunDirectory directory,
      ComputationGraph network,
      PrintWriter out,
      PrintWriter err) {
    this.experiment = experiment;
    this.lcsc = experiment.config().lcsc();
    this.ranges = lcsc == null ? TimeRanges.ONE : experiment.timeRanges(lcsc.search());
    this.directory = directory;
    this.network = network;
    this.out = out;
    this.err = err;
  }

  /** Has something run after every search, once its files are written. */
  SearchSession after(Runnable search) {
    afterSearch = search;
    return this;
  }

  /**
   * Completes a listener.
   *
   * @param builder of the configuration, with its window
   * @param control ends the searches and keeps their states
   */
  LcscListener listener(LcscListenerBuilder builder, SearchControl control) throws IOException {
    builder.model(network).output(directory.root());
    if (lcsc != null) {
      samples = experiment.generator(network, ranges);
      configure(builder, control);
    }
    listener = builder.build();
    listener.results().forEach(result -> results.add(ResultTable.json(result, ranges)));
    return listener;
  }

  private void configure(LcscListenerBuilder builder, SearchControl control) throws IOException {
    MultiFid fresh =
        experiment.report(network, lcsc.report().seed(), lcsc.report().samples(), ranges);
    Reporter reporter = parameters -> fresh.evaluateAll(parameters).scores();
    builder
        .objective(experiment.searched(network, lcsc.search()))
        .validation(objective(lcsc.validation().seed(), lcsc.validation().samples()))
        .report(reporter)
        .noiseSets(noiseSets())
        .timeRanges(ranges)
        .control(
            control.watchedBy(
                iteration -> new SearchProgressBar(err, iteration, lcsc.search().evaluations())))
        .onResult(this::take)
        .provenance(experiment.provenance());
  }

  /** Noise that nothing else sees, as many samples as validation has. */
  private List<Objective> noiseSets() throws IOException {
    List<Objective> sets = new ArrayList<>();
    for (int i = 0; i < NOISE_SETS; i++) {
      sets.add(objective(lcsc.report().seed() + (i + 2) * SEED_STEP, lcsc.validation().samples()));
    }
    return sets;
  }

  private Objective objective(long seed, int count) throws IOException {
    return experiment.objective(network, seed, count, ranges);
  }

  /** Shows a search's result, and keeps a grid of samples of EMA* and LCSC from the same noise. */
  private void take(LcscResult result) {
    results.add(ResultTable.json(result, ranges));
    try {
      Path grid = directory.samples("compare-" + result.iteration());
      compare(result, grid);
      out.printf(
          Locale.ROOT,
          "%nIteration %d, %s%n%s%s%n%s%ssamples: %s%n",
          result.iteration(),
          ResultTable.stages(result),
          ResultTable.of(result).toText(),
          result.verdict().text(),
          ResultTable.ranges(result, ranges),
          result.diverged() ? "the training has diverged\n" : "",
          grid);
      out.flush();
      afterSearch.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private void compare(LcscResult result, Path file) throws IOException {
    ScoredModel star = result.emaStar();
    INDArray emaStar =
        star.kind() == ScoredModel.Kind.WINDOW_EMA
            ? listener.window().merge(star.coefficients())
            : listener.emas().stream()
                .filter(ema -> Double.parseDouble(star.label().substring(4)) == ema.rate())
                .findFirst()
                .orElseThrow()
                .parameters();
    SampleGrid grid = SampleGrid.fitting(GRID, experiment.images().shape().height());
    grid.writeSideBySide(
        file,
        List.of(
            new SampleGrid.Captioned("EMA* (" + star.label() + ")", grid(emaStar)),
            new SampleGrid.Captioned("LCSC", grid(listener.mergedParameters().orElseThrow()))));
  }

  private INDArray grid(INDArray parameters) {
    samples.setParameters(parameters);
    // Noise that neither the search nor the scores have seen.
    long seed = lcsc.report().seed() + SEED_STEP;
    return samples.sample(new SeededNoise(seed), 0, GRID);
  }

  /**
   * Writes the results of all searches.
   *
   * @param iteration updates applied at the end
   * @throws CommandFailure where the training diverged
   */
  void finish(int iteration) throws IOException {
    directory.requirePresent();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("iterations", iteration);
    json.put("stopped", listener.stopSignal().reason().orElse(null));
    json.put("diverged", listener.failed());
    json.put("searches", results);
    writeMarkdown();
    // Last: a run that has it is finished.
    AtomicFiles.writeString(
        directory.resultsJson(),
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(json));
    listener.stopSignal().reason().ifPresent(why -> out.println("stopped: " + why));
    if (listener.failed()) {
      throw CommandFailure.inWork(
          "the training diverged: a parameter was not finite at iteration "
              + listener.divergedAt().orElseThrow()
              + ", allowed: a lower training.learningRate or a training.gradientClip",
          null);
    }
    listener
        .best()
        .ifPresent(
            best ->
                out.printf(
                    Locale.ROOT,
                    "best: %s of iteration %d in %s%n",
                    best.best().label(),
                    best.iteration(),
                    ranged(best)
                        ? RecipeFiles.range(directory.bestRecipe(), 0)
                            + " and following, recipe "
                            + directory.bestRecipe()
                        : directory.bestModel()));
    out.flush();
  }

  /** Whether the best model is one for every time range. */
  private boolean ranged(LcscResult best) {
    return ranges.size() > 1 && best.best() == best.lcsc();
  }

  private void writeMarkdown() throws IOException {
    StringBuilder text = new StringBuilder();
    for (LcscResult result : listener.results()) {
      text.append("Iteration ")
          .append(result.iteration())
          .append(", ")
          .append(ResultTable.stages(result))
          .append("\n\n")
          .append(ResultTable.of(result).toMarkdown())
          .append('\n')
          .append(result.verdict().text())
          .append("\n\n")
          .append(ResultTable.ranges(result, ranges));
    }
    AtomicFiles.writeString(directory.resultsMarkdown(), text);
  }
}
