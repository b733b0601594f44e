package org.lcsc.experiment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.config.ConfigException;
import org.lcsc.experiment.config.OwnSearchConfig;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.SearchSource;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.SearchControl;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.search.evaluation.EvaluatorFactory;

/**
 * Searches checkpoints that an earlier training left.
 *
 * <p>Not thread-safe.
 */
public final class CheckpointSearchRun {

  private final Experiment experiment;
  private final Checkpoints source;
  private final RunDirectory directory;
  private final RunListener listener;
  private EvaluatorFactory evaluators = EvaluatorFactory.LOCAL;

  /**
   * Searches checkpoints in a new run directory.
   *
   * @param file the configuration's file, for messages
   * @param named the checkpoints
   * @param overwrite whether a run that is there is deleted
   * @param evaluators what scores the candidates
   * @throws InvalidInputException where something that is named cannot be used
   * @throws ResumableException where the search failed and can be resumed
   * @throws IOException where a file cannot be read or written
   */
  public static void start(
      Path file,
      RunConfig config,
      SearchSource named,
      boolean overwrite,
      Evaluators evaluators,
      RunListener listener)
      throws IOException {
    if (config.lcsc() == null) {
      throw new ConfigException(file.toString(), "lcsc: missing, a search needs its settings");
    }
    InvalidInputException.when(
        named.isFollowed(),
        "--follow: %s scores by a model's samples, allowed: a configuration with %s, a command or a"
            + " class of your own, or --checkpoints",
        file,
        OwnSearchConfig.KEY);
    List<String> inputs = new ArrayList<>(named.inputs());
    inputs.addAll(config.inputs());
    RunDirectory.requireFree(config.outputDirectory(), overwrite, inputs);
    CheckpointSource source = CheckpointSource.checked(named, config.lcsc());
    Experiment experiment = Experiment.loadFor(file, config, listener);
    ComputationGraph network = experiment.newNetwork();
    averages(named, network);
    long bytes = bytes(experiment, network, named.emas().size());
    try (RunDirectory run =
        RunDirectory.create(
            config.outputDirectory(), experiment.config().toYaml(), named, overwrite, bytes)) {
      new CheckpointSearchRun(experiment, source::open, run, listener)
          .evaluator(evaluators.of(experiment.config(), source))
          .run(network);
    }
  }

  /**
   * Resumes an interrupted search.
   *
   * @param root its run directory
   * @throws IOException as {@link #start}
   */
  public static void resume(Path root, Evaluators evaluators, RunListener listener)
      throws IOException {
    try (RunDirectory run = RunDirectory.resumeSearch(root)) {
      RunConfig config = run.readConfig();
      CheckpointSource source = CheckpointSource.checked(run.readSource(), config.lcsc());
      Experiment experiment = Experiment.loadFor(run.config(), config, listener);
      new CheckpointSearchRun(experiment, source::open, run, listener)
          .evaluator(evaluators.of(experiment.config(), source))
          .run(experiment.newNetwork());
    }
  }

  /** The averages that the training kept. */
  private static List<ExponentialMovingAverage> averages(
      SearchSource named, ComputationGraph network) {
    return named.emas().stream()
        .map(
            ema ->
                new ExponentialMovingAverage(
                    ema.rate(), LoadedModel.loadSingle(Path.of(ema.file()), network)))
        .toList();
  }

  /** Makes what scores the candidates of a search. */
  @FunctionalInterface
  public interface Evaluators {

    /** One after the other on the searching thread. */
    Evaluators LOCAL = (config, source) -> EvaluatorFactory.LOCAL;

    /** Makes it. */
    EvaluatorFactory of(RunConfig config, CheckpointSource source);
  }

  /** Opens a window of checkpoints. */
  @FunctionalInterface
  public interface Checkpoints {

    /**
     * Opens the window, which the search closes.
     *
     * @param network of the checkpoints' architecture; left alone
     * @param config names number format and storage of the window
     * @param mapped the file of a mapped window
     * @throws IOException where the checkpoints cannot be read
     */
    CheckpointWindow open(ComputationGraph network, RunConfig config, Path mapped)
        throws IOException;
  }

  /**
   * A search.
   *
   * @param experiment data, network and objectives
   * @param source opens the checkpoints, for example {@link CheckpointSource#open}
   * @param directory receives the results
   * @param listener shows it
   */
  public CheckpointSearchRun(
      Experiment experiment, Checkpoints source, RunDirectory directory, RunListener listener) {
    this.experiment = experiment;
    this.source = source;
    this.directory = directory;
    this.listener = listener;
  }

  /**
   * Bytes that a search writes: newest weights, merged and best model, of each noise range,
   * averages, baselines where they are kept, and a window in a file.
   *
   * @param averages that the training kept
   */
  public static long bytes(Experiment experiment, ComputationGraph network, int averages) {
    LcscConfig lcsc = experiment.config().lcsc();
    int ranges = experiment.config().timeRanges(lcsc.search()).size();
    long models = 1 + 2L * ranges + averages + TrainingRun.keptBaselines(lcsc, averages);
    long window =
        lcsc.storage().isFile() ? lcsc.checkpoints() * lcsc.storage().dataType().bytes() : 0;
    return (models * Float.BYTES + window) * network.numParams();
  }

  /**
   * What scores the candidates; one after the other on this thread by default.
   *
   * @see SearchControl#evaluators
   */
  public CheckpointSearchRun evaluator(EvaluatorFactory evaluators) {
    this.evaluators = Objects.requireNonNull(evaluators, "evaluators");
    return this;
  }

  /**
   * Searches, from the state of the run where it has one.
   *
   * @param network of the experiment; receives the newest checkpoint's parameters
   * @throws IOException where checkpoints cannot be read or results not be written
   * @throws InvalidInputException where the checkpoints are of another architecture, or the state
   *     is of another configuration or other data
   * @throws ResumableException where the search failed and can be resumed
   */
  public void run(ComputationGraph network) throws IOException {
    List<ExponentialMovingAverage> averages = averages(directory.readSource(), network);
    directory.requireSearchIdentity(experiment.identity() + SearchSource.identity(averages));
    try (Interruption interruption =
        Interruption.listen(Duration.ofSeconds(30), listener::stopping)) {
      search(network, averages, interruption);
    }
    if (directory.isFinished()) {
      directory.deleteState();
    }
  }

  private void search(
      ComputationGraph network, List<ExponentialMovingAverage> averages, Interruption interruption)
      throws IOException {
    RunConfig config = experiment.config();
    try (CheckpointWindow window = source.open(network, config, directory.mappedWindow())) {
      int newest = window.size() - 1;
      int iteration = Math.toIntExact(window.iterations()[newest]);
      network.setParams(window.checkpoint(newest));
      network.getConfiguration().setIterationCount(iteration);
      listener.windowOpened(directory, window);
      try (RunEvents events = RunEvents.open(config, directory, iteration - 1)) {
        SearchSession session = new SearchSession(experiment, directory, network, listener, events);
        LcscListener lcsc =
            session.listener(
                LcscListener.from(config.lcsc(), null).window(window).averages(averages),
                SearchControl.DEFAULT
                    .evaluatedBy(evaluators)
                    .savedIn(directory.searchStates())
                    .cancelledBy(interruption::requested));
        if (lcsc.searchNow(network).isEmpty()) {
          // Here: the process ends, with the signal's exit code, once this method returns.
          listener.interrupted(directory, iteration, true);
        } else {
          session.finish(iteration);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw ResumableException.of(e, "the state", directory);
    } finally {
      listener.ended();
    }
  }
}
