package org.lcsc.cli.experiment;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.lcsc.averaging.PostHocEma;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.CheckpointWindowBuilder;
import org.lcsc.cli.Interruption;
import org.lcsc.cli.config.RunConfig;
import org.lcsc.cli.output.CsvWriter;
import org.lcsc.cli.output.ProgressBar;
import org.lcsc.cli.output.Terminal;
import org.lcsc.cli.run.RunDirectory;
import org.lcsc.config.LcscConfig;
import org.lcsc.config.PostHocConfig;
import org.lcsc.config.StorageConfig;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.LcscListenerBuilder;
import org.lcsc.listener.StoppableIterator;

/**
 * Trains the network of an experiment with an {@link LcscListener} attached, and keeps what comes
 * of it in a run directory. Not thread-safe.
 */
public final class TrainingRun {

  private final Experiment experiment;
  private final RunConfig config;
  private final RunDirectory directory;
  private final PrintWriter out;
  private final PrintWriter err;
  private boolean keepCheckpoints;

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

  /** Whether the last window's checkpoints are written to the run directory; not by default. */
  public TrainingRun keepCheckpoints(boolean keep) {
    keepCheckpoints = keep;
    return this;
  }

  /** Disk space that the checkpoints of a full window take as model files; 0 without a window. */
  public static long windowBytes(RunConfig config, long parameters) {
    return config.lcsc() == null
        ? 0
        : (long) config.lcsc().checkpoints() * parameters * Float.BYTES;
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
   * @param teacher of a distillation, else null
   * @throws IOException where a file cannot be written
   */
  public void run(ComputationGraph network, ComputationGraph teacher) throws IOException {
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
        PostHocEma postHoc = postHoc(network.numParams());
        CsvWriter metrics = CsvWriter.create(directory.metrics(), TrainingProgress.COLUMNS);
        ProgressBar bar =
            new ProgressBar(
                err, Terminal.detect(), "training", "it", config.training().iterations())) {
      SearchSession session = new SearchSession(experiment, directory, network, out, err);
      LcscListener listener = session.listener(builder(window, postHoc), interruption::requested);
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
      network.fit(
          StoppableIterator.of(experiment.batches(0, network, teacher), listener.stopSignal()));
      finish(session, listener, network, interruption.requested());
    }
  }

  /** Null where it is not configured. */
  private PostHocEma postHoc(long parameters) {
    PostHocConfig c = config.ema().postHoc();
    return c == null
        ? null
        : new PostHocEma(c.narrow(), c.wide(), parameters, c.interval(), c.snapshots());
  }

  private LcscListenerBuilder builder(CheckpointWindow window, PostHocEma postHoc) {
    LcscListenerBuilder builder =
        LcscListener.builder()
            .window(window)
            .emaRates(config.ema().rates().stream().mapToDouble(r -> r).toArray());
    if (postHoc != null) {
      builder.postHocEma(postHoc);
    }
    if (config.lcsc() != null) {
      builder.searchAt(
          config.lcsc().searchIterations(config.training().iterations()).stream()
              .mapToInt(i -> i)
              .toArray());
    }
    return builder;
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

  private void finish(
      SearchSession session, LcscListener listener, ComputationGraph network, boolean interrupted)
      throws IOException {
    listener.writeAverages(network);
    if (keepCheckpoints) {
      listener.writeCheckpoints(network, directory.checkpoints());
    }
    int iteration = network.getIterationCount();
    if (interrupted) {
      // Printed here: the process ends, with the signal's exit code, once this method returns.
      err.println(
          "lcsc: interrupted at iteration "
              + iteration
              + ", the averages so far are in "
              + directory.root().resolve("ema"));
      err.flush();
      return;
    }
    session.finish(iteration);
  }
}
