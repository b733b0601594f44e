package org.lcsc.experiment;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.lcsc.averaging.PostHocEma;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.consistency.ConsistencyBatches;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.output.CsvWriter;
import org.lcsc.experiment.output.ProgressBar;
import org.lcsc.experiment.output.Terminal;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.LcscListenerBuilder;
import org.lcsc.listener.SearchControl;
import org.lcsc.listener.StoppableIterator;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.search.config.PostHocConfig;

/**
 * Trains the network of an experiment with an {@link LcscListener} attached, and keeps what comes
 * of it in a run directory. Not thread-safe.
 */
public final class TrainingRun {

  /** How long an interrupted run may take to save its state. */
  private static final Duration GRACE = Duration.ofMinutes(5);

  private final Experiment experiment;
  private final RunConfig config;
  private final RunDirectory directory;
  private final PrintWriter out;
  private final PrintWriter err;
  private boolean keepCheckpoints;
  private LivePage.Factory page = run -> LivePage.NONE;

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

  /** Shows the training while it runs; no page by default. */
  public TrainingRun page(LivePage.Factory page) {
    this.page = page;
    return this;
  }

  /** Disk space that the checkpoints of a full window take as model files; 0 without a window. */
  public static long windowBytes(RunConfig config, long parameters) {
    return config.lcsc() == null
        ? 0
        : (long) config.lcsc().checkpoints() * parameters * Float.BYTES;
  }

  /** Disk space a run needs: its models, the window where that is a file, and its state. */
  public static long bytes(RunConfig config, long parameters) {
    LcscConfig lcsc = config.lcsc();
    long rates = config.ema().rates().size();
    long models = rates;
    long ranges = 1;
    long window = 0;
    long copies = 0;
    if (lcsc != null) {
      ranges = lcsc.search().timeRanges() == null ? 1 : lcsc.search().timeRanges().size();
      models += ranges * lcsc.searchIterations(config.training().iterations()).size();
      long checkpoints = lcsc.checkpoints() * parameters * lcsc.storage().dataType().bytes();
      boolean mapped = lcsc.storage().isFile();
      window = mapped ? checkpoints / lcsc.checkpoints() * (lcsc.checkpoints() + spare(config)) : 0;
      // The state refers to a mapped window's own file.
      copies = mapped ? 0 : checkpoints;
    }
    long state = 0;
    if (!Integer.valueOf(0).equals(config.training().saveEvery())) {
      PostHocConfig postHoc = config.ema().postHoc();
      long snapshots = postHoc == null ? 0 : 2L * postHoc.snapshots();
      // Weights, two moments, target, best and latest merge; old and new state side by side.
      long vectors = 4 + 2 * ranges + rates + (postHoc == null ? 0 : 2);
      state = (2 * vectors + snapshots) * parameters * Float.BYTES;
      state += copies;
    }
    // And the best.
    return (models + ranges) * parameters * Float.BYTES + window + state;
  }

  /**
   * Spare slots of a mapped window: as many checkpoints as come between two states, so that none
   * has to be saved early; an eighth of the window where states are saved by the clock.
   */
  private static int spare(RunConfig config) {
    LcscConfig lcsc = config.lcsc();
    Integer every = config.training().saveEvery();
    if (every == null) {
      return Math.max(1, lcsc.checkpoints() / 8);
    }
    int between = (every + lcsc.interval() - 1) / lcsc.interval();
    return Math.min(lcsc.checkpoints(), between);
  }

  /**
   * Trains to the end, to the target, or until interrupted; from the run's state where it has one.
   *
   * @param network the network, at iteration 0
   * @param teacher of a distillation, else null
   * @throws CommandFailure where the state cannot be used, or the training failed and can be
   *     resumed
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
            Interruption.listen(GRACE, () -> err.println("lcsc: stopping ..."));
        CheckpointWindow window = window(network.numParams());
        PostHocEma postHoc = postHoc(network.numParams())) {
      train(network, teacher, window, postHoc, interruption);
    }
    if (directory.isFinished()) {
      directory.deleteState();
    }
  }

  private void train(
      ComputationGraph network,
      ComputationGraph teacher,
      CheckpointWindow window,
      PostHocEma postHoc,
      Interruption interruption)
      throws IOException {
    TrainingState state =
        new TrainingState(directory, experiment.identity(), network, window, postHoc);
    TrainingState.Parts restored = restore(state);
    TrainingProgress.Saved from =
        restored == null ? TrainingProgress.Saved.START : restored.progress();
    keepCheckpoints |= restored != null && restored.keepCheckpoints();
    TrainingBatches batches = experiment.batches(from.iteration(), network, teacher);
    if (restored != null && restored.target() != null) {
      ((ConsistencyBatches) batches).restoreTarget(restored.target());
    }
    StateSaver saver = null;
    try (CsvWriter metrics = metrics(restored);
        ProgressBar bar = bar(from.iteration());
        LivePage report = page.open(directory)) {
      SearchSession session =
          new SearchSession(experiment, directory, network, out, err).after(report::refresh);
      LcscListenerBuilder builder = LcscListener.from(config.lcsc(), config.ema());
      if (window != null) {
        builder.window(window);
      }
      if (postHoc != null) {
        builder.postHocEma(postHoc);
      }
      if (restored != null) {
        builder.resume(restored.listener());
      }
      SearchControl control = SearchControl.DEFAULT.cancelledBy(interruption::requested);
      boolean saved = !Integer.valueOf(0).equals(config.training().saveEvery());
      LcscListener listener =
          session.listener(builder, saved ? control.savedIn(directory.searchStates()) : control);
      TrainingProgress progress =
          new TrainingProgress(
              bar, metrics, experiment.learningRate(), from, interruption::requested);
      saver =
          new StateSaver(
              state,
              network,
              batches,
              listener,
              progress,
              new StateSaver.Schedule(
                  config.training().saveEvery(), searches(), interruption::requested),
              directory.searchStates(),
              keepCheckpoints,
              restored == null ? -1 : from.iteration());
      batches.setPreProcessor(saver);
      network.setListeners(
          listener,
          progress,
          new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
              if (interruption.requested()) {
                listener.stopSignal().request("interrupted");
              }
            }
          });
      network.fit(StoppableIterator.of(batches, listener.stopSignal()));
      saver.save();
      finish(session, listener, network, saver, interruption.requested());
    } catch (IOException | UncheckedIOException e) {
      if (saver == null || saver.saved() < 0) {
        throw e;
      }
      throw CommandFailure.inWork(
          directory.cause(e),
          String.format(
              Locale.ROOT,
              "the state of iteration %d is kept, %s goes on once that is mended",
              saver.saved(),
              resumeCommand()));
    }
  }

  /** Null where the run has no state yet. */
  private TrainingState.Parts restore(TrainingState state) {
    if (!Files.exists(directory.trainingState())) {
      return null;
    }
    TrainingState.Parts parts = CommandFailure.reading(state::restore);
    out.println("resumed at iteration " + parts.progress().iteration());
    out.flush();
    return parts;
  }

  private CsvWriter metrics(TrainingState.Parts restored) throws IOException {
    return restored == null
        ? CsvWriter.create(directory.metrics(), TrainingProgress.COLUMNS)
        : CsvWriter.resume(
            directory.metrics(), restored.progress().lastRow(), TrainingProgress.COLUMNS);
  }

  private ProgressBar bar(int first) {
    return new ProgressBar(
        err,
        Terminal.detect(),
        "training",
        "it",
        first,
        config.training().iterations(),
        System::nanoTime);
  }

  private Set<Integer> searches() {
    return config.lcsc() == null
        ? Set.of()
        : Set.copyOf(config.lcsc().searchIterations(config.training().iterations()));
  }

  private String resumeCommand() {
    return "'lcsc train --resume " + directory.root() + "'";
  }

  /** Null where it is not configured. */
  private PostHocEma postHoc(long parameters) {
    PostHocConfig c = config.ema().postHoc();
    return c == null
        ? null
        : new PostHocEma(c.narrow(), c.wide(), parameters, c.interval(), c.snapshots());
  }

  /** Null without a search. */
  private CheckpointWindow window(long parameters) {
    LcscConfig lcsc = config.lcsc();
    return lcsc == null
        ? null
        : lcsc.storage()
            .keep(
                CheckpointWindow.builder(parameters)
                    .window(lcsc.window())
                    .interval(lcsc.interval()),
                directory.state().resolve("window.bin"),
                // Without a state there is nothing that could refer to the file later.
                spare(config))
            .build();
  }

  private void finish(
      SearchSession session,
      LcscListener listener,
      ComputationGraph network,
      StateSaver saver,
      boolean interrupted)
      throws IOException {
    listener.writeAverages(network);
    boolean goesOn = interrupted && saver.saved() >= 0;
    if (keepCheckpoints && !goesOn) {
      listener.writeCheckpoints(network, directory.checkpoints());
    }
    int iteration = network.getIterationCount();
    if (interrupted) {
      // Printed here: the process ends, with the signal's exit code, once this method returns.
      err.println(
          "lcsc: interrupted at iteration "
              + iteration
              + ", the averages so far are in "
              + directory.root().resolve("ema")
              + (goesOn ? "; " + resumeCommand() + " goes on" : ""));
      err.flush();
      return;
    }
    session.finish(iteration);
  }
}
