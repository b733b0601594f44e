package org.lcsc.cli.experiment;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.CheckpointWindowBuilder;
import org.lcsc.cli.CommandFailure;
import org.lcsc.cli.Interruption;
import org.lcsc.cli.config.RunConfig;
import org.lcsc.cli.output.CsvWriter;
import org.lcsc.cli.output.ProgressBar;
import org.lcsc.cli.output.SampleGrid;
import org.lcsc.cli.output.Terminal;
import org.lcsc.cli.run.RunDirectory;
import org.lcsc.config.LcscConfig;
import org.lcsc.config.StorageConfig;
import org.lcsc.export.AtomicFiles;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.LcscListenerBuilder;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.Reporter;
import org.lcsc.listener.ScoredModel;
import org.lcsc.listener.StoppableIterator;
import org.lcsc.objective.Objective;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * Trains the network of an experiment with an {@link LcscListener} attached, and keeps what comes
 * of it in a run directory. Not thread-safe.
 */
public final class TrainingRun {

  /** Images of a comparison grid. */
  private static final int GRID = 64;

  private final Experiment experiment;
  private final RunConfig config;
  private final RunDirectory directory;
  private final PrintWriter out;
  private final PrintWriter err;
  private final List<Map<String, Object>> results = new ArrayList<>();
  private LcscListener listener;
  private SampleGenerator samples;

  /**
   * A run.
   *
   * @param experiment data and models
   * @param directory receives everything
   * @param out the results
   * @param err progress
   */
  public TrainingRun(
      Experiment experiment, RunDirectory directory, PrintWriter out, PrintWriter err) {
    this.experiment = experiment;
    this.config = experiment.config();
    this.directory = directory;
    this.out = out;
    this.err = err;
  }

  /** Disk space a run needs: its models, and the window where that is a file. */
  public static long bytes(RunConfig config, long parameters) {
    LcscConfig lcsc = config.lcsc();
    long models = config.ema().rates().size() + 1L;
    long window = 0;
    if (lcsc != null) {
      models += lcsc.searchIterations(config.training().iterations()).size();
      if (lcsc.storage().kind() == StorageConfig.Kind.MAPPED) {
        window = lcsc.checkpoints() * parameters * lcsc.storage().dataType().bytes();
      }
    }
    return models * parameters * Float.BYTES + window;
  }

  /**
   * Trains to the end, to the target, or until interrupted.
   *
   * @param network the network, at iteration 0
   * @throws IOException where a file cannot be written
   */
  public void run(ComputationGraph network) throws IOException {
    out.printf(
        Locale.ROOT,
        "%s: %d images %s, %,d parameters, %d iterations of %d%n",
        experiment.images().name(),
        experiment.images().size(),
        experiment.images().shape(),
        network.numParams(),
        config.training().iterations(),
        config.training().batchSize());
    out.flush();
    try (Interruption interruption =
            Interruption.listen(
                java.time.Duration.ofSeconds(30), () -> err.println("lcsc: stopping ..."));
        CheckpointWindow window = window(network.numParams());
        CsvWriter metrics = CsvWriter.create(directory.metrics(), TrainingProgress.COLUMNS);
        ProgressBar bar =
            new ProgressBar(
                err, Terminal.detect(), "training", "it", config.training().iterations())) {
      samples = experiment.generator(network);
      listener = listener(network, window, interruption);
      network.setListeners(
          listener,
          new TrainingProgress(bar, metrics, experiment.learningRate()),
          new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
              if (interruption.requested()) {
                listener.stopSignal().request("interrupted");
              }
            }
          });
      network.fit(StoppableIterator.of(experiment.batches(0), listener.stopSignal()));
      listener.writeAverages(network);
      finish(network, interruption.requested());
    }
  }

  private CheckpointWindow window(long parameters) {
    LcscConfig lcsc = config.lcsc();
    CheckpointWindowBuilder window = CheckpointWindow.builder(parameters);
    if (lcsc == null) {
      // Averages only: nothing is ever recorded into these two slots.
      int never = config.training().iterations() + 1;
      return window.window(2 * never).interval(never).build();
    }
    window
        .window(lcsc.window())
        .interval(lcsc.interval())
        .dataType(SearchSettings.dataType(lcsc.storage()));
    return lcsc.storage().kind() == StorageConfig.Kind.MAPPED
        ? window.mapped(directory.state().resolve("window.bin")).build()
        : window.inMemory().build();
  }

  private LcscListener listener(
      ComputationGraph network, CheckpointWindow window, Interruption interruption)
      throws IOException {
    LcscListenerBuilder builder =
        LcscListener.builder()
            .window(window)
            .model(network)
            .emaRates(config.ema().rates().stream().mapToDouble(r -> r).toArray())
            .output(directory.root());
    LcscConfig lcsc = config.lcsc();
    if (lcsc == null) {
      return builder.build();
    }
    Objective fresh = experiment.fid(network, lcsc.report().seed(), lcsc.report().samples());
    Reporter reporter =
        parameters -> new LinkedHashMap<>(Map.of("FID", fresh.evaluate(parameters).score()));
    builder
        .searchAt(
            lcsc.searchIterations(config.training().iterations()).stream()
                .mapToInt(i -> i)
                .toArray())
        .objective(experiment.fid(network, lcsc.search().seed(), lcsc.search().samples()))
        .validation(experiment.fid(network, lcsc.validation().seed(), lcsc.validation().samples()))
        .report(reporter)
        .search(SearchSettings.parameters(lcsc.search()))
        .evaluations(lcsc.search().evaluations())
        .seed(lcsc.search().seed())
        .cancelledBy(interruption::requested)
        .searchListener(
            iteration -> new SearchProgressBar(err, iteration, lcsc.search().evaluations()))
        .onResult(this::take)
        .provenance(experiment.provenance());
    if (lcsc.search().finalists() != null) {
      builder.finalists(lcsc.search().finalists());
    }
    if (lcsc.targetFid() != null) {
      builder.target(lcsc.targetFid());
    }
    return builder.build();
  }

  /** Shows a search's result, and keeps a grid of samples of EMA* and LCSC from the same noise. */
  private void take(LcscResult result) {
    results.add(ResultTable.json(result));
    try {
      Path grid = directory.samples("compare-" + result.iteration());
      compare(result, grid);
      out.printf(
          "%nIteration %d, %s%n%s%s%nsamples: %s%n",
          result.iteration(),
          ResultTable.stages(result),
          ResultTable.of(result).toText(),
          result.diverged() ? "the training has diverged\n" : "",
          grid);
      out.flush();
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
                .filter(ema -> star.label().endsWith("-" + ema.rate()))
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
    long seed = config.lcsc().report().seed() + 1_000_003;
    return samples.sample(new SeededNoise(seed), 0, GRID);
  }

  private void finish(ComputationGraph network, boolean interrupted) throws IOException {
    int iteration = network.getIterationCount();
    if (interrupted) {
      throw CommandFailure.interrupted(
          "interrupted at iteration "
              + iteration
              + ", the averages so far are in "
              + directory.root().resolve("ema"));
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("iterations", iteration);
    json.put("stopped", listener.stopSignal().reason().orElse(null));
    json.put("diverged", listener.failed());
    json.put("searches", results);
    AtomicFiles.writeString(
        directory.resultsJson(),
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(json));
    writeMarkdown();
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
                    "best: %s of iteration %d in %s%n",
                    best.best().label(),
                    best.iteration(),
                    directory.root().resolve("lcsc").resolve("best.zip")));
    out.flush();
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
          .append('\n');
    }
    AtomicFiles.writeString(directory.resultsMarkdown(), text);
  }
}
