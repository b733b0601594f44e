package org.lcsc.experiment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.lcsc.averaging.PostHocEma;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.YamlConfig;
import org.lcsc.consistency.ConsistencyBatches;
import org.lcsc.diffusion.model.EdmModel;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.output.CsvWriter;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.TrainingMetric;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.LcscListenerBuilder;
import org.lcsc.listener.SearchControl;
import org.lcsc.listener.StoppableIterator;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.search.config.LcscConfig.Kept;
import org.lcsc.search.config.PostHocConfig;

/**
 * Trains the network of an experiment with an {@link LcscListener} attached, and keeps the results
 * in a run directory. Not thread-safe.
 *
 * @param experiment data and models
 * @param directory receives everything
 * @param listener shows it
 */
public record TrainingRun(Experiment experiment, RunDirectory directory, RunListener listener) {

  /** How long an interrupted run may take to save its state. */
  private static final Duration GRACE = Duration.ofMinutes(5);

  private RunConfig config() {
    return experiment.config();
  }

  /**
   * Trains in a new run directory; where the file of the teacher is missing and its configuration
   * is named, that training comes first.
   *
   * @param file the configuration's file, for messages
   * @param read the configuration
   * @param overwrite whether a run that is there is deleted
   * @throws InvalidInputException where something that the configuration names cannot be used
   * @throws ResumableException where the training failed and can be resumed
   * @throws IOException where a file cannot be read or written
   */
  public static void start(Path file, RunConfig read, boolean overwrite, RunListener listener)
      throws IOException {
    RunConfig config = resolved(read);
    try {
      requireFirstSearch(config);
    } catch (InvalidValueException e) {
      throw new ConfigException(file.toString(), e);
    }
    RunDirectory.requireFree(config.outputDirectory(), overwrite, config.inputs());
    requireWholeTeacher(file, config);
    listener.loading(file, config);
    Experiment experiment = Experiment.loadFor(file, config, listener);
    if (!trainTeacher(file, config, listener)) {
      return;
    }
    ComputationGraph network = experiment.newNetwork();
    ComputationGraph teacher = experiment.teacher();
    experiment.start(network, teacher);
    long bytes = bytes(config, network.numParams());
    try (RunDirectory run =
        RunDirectory.create(
            config.outputDirectory(), experiment.config().toYaml(), null, overwrite, bytes)) {
      new TrainingRun(experiment, run, listener).run(network, teacher);
    }
  }

  /**
   * Resumes an interrupted training.
   *
   * @param root its run directory
   * @throws IOException as {@link #start}
   */
  public static void resume(Path root, RunListener listener) throws IOException {
    try (RunDirectory run = RunDirectory.resume(root)) {
      Experiment experiment = Experiment.loadFor(run.config(), run.readConfig(), listener);
      ComputationGraph network = experiment.newNetwork();
      ComputationGraph teacher = experiment.teacher();
      if (!Files.exists(run.trainingState())) {
        // Killed before its first update, or one that saves none.
        listener.withoutState();
        experiment.start(network, teacher);
      }
      new TrainingRun(experiment, run, listener).run(network, teacher);
    }
  }

  /**
   * Refuses what {@link #start} would refuse, as far as that is known without reading an image.
   *
   * @param file the configuration's file, for messages
   * @return the configuration as {@link #start} would keep it: with what the files tell that its
   *     training begins with
   * @throws ConfigException where a value is wrong
   * @throws InvalidInputException where something that the configuration names cannot be used
   * @throws IOException where the data set's files are not there
   */
  public static RunConfig check(Path file, RunConfig config) throws IOException {
    RunConfig resolved;
    try {
      config.requireFeatures();
      config.requireEngine();
      config.dataset().checkFiles();
      config.dataset().listedClasses().ifPresent(config::checkClasses);
      requireFirstSearch(config);
      Losses.check(config);
      Optional<ComputationGraph> network = BareNetwork.of(config);
      if (config.lcsc() != null && network.isPresent()) {
        Supplier<ComputationGraph> initial =
            () -> {
              network.get().init();
              return network.get();
            };
        Experiment.requireGroups(config, initial);
        Experiment.requireEngine(config, initial);
      }
      resolved = resolved(config);
    } catch (InvalidValueException e) {
      throw new ConfigException(file.toString(), e);
    }
    InitialWeights.check(resolved);
    FeatureSpaces.check(config);
    if (makesTeacher(config) && Files.exists(Path.of(config.model().teacherConfig()))) {
      teacherConfig(file, config);
    }
    requireWholeTeacher(file, config);
    return resolved;
  }

  /** Refuses a search that would fail in the middle of the training. */
  private static void requireFirstSearch(RunConfig config) {
    if (config.lcsc() != null) {
      config.lcsc().requireFirstSearch("lcsc.");
    }
  }

  private static RunConfig resolved(RunConfig config) throws IOException {
    return InitialWeights.withFrequencies(LoadedModel.continuing(config));
  }

  private static boolean makesTeacher(RunConfig config) {
    GenerativeModel model = config.model();
    return model.teacherConfig() != null && !Files.exists(Path.of(model.teacher()));
  }

  /** Refuses a teacher from a run that has not ended, whose averages are there from early on. */
  private static void requireWholeTeacher(Path file, RunConfig config) throws ConfigException {
    String other = config.model().teacherConfig();
    if (other == null || !Files.exists(Path.of(other))) {
      return;
    }
    Path root = RunConfig.read(Path.of(other)).outputDirectory();
    InvalidInputException.when(
        absolute(Path.of(config.model().teacher())).startsWith(absolute(root))
            && Files.exists(RunDirectory.config(root))
            && !RunDirectory.isFinished(root),
        "%s: model.teacher: is of a training that has not ended, needed: lcsc train --resume %s",
        file,
        root);
  }

  private static RunConfig teacherConfig(Path file, RunConfig config) throws ConfigException {
    GenerativeModel model = config.model();
    Path other = Path.of(model.teacherConfig());
    RunConfig of = RunConfig.read(other);
    InvalidInputException.when(
        !model.teacherKinds().contains(of.model().kind()),
        "%s: model.teacherConfig: %s trains no teacher (model.kind: %s), allowed: a"
            + " configuration of model.kind: %s",
        file,
        other,
        of.model().kind(),
        String.join(" or ", model.teacherKinds()));
    Path teacher = absolute(Path.of(model.teacher()));
    Path root = absolute(of.outputDirectory());
    List<Path> averages =
        of.ema().rates().stream().map(rate -> RunDirectory.ema(root, rate)).toList();
    boolean searched = of.lcsc() != null && teacher.startsWith(RunDirectory.searches(root));
    InvalidInputException.when(
        !searched && !averages.contains(teacher),
        "%s: model.teacher: %s does not make it (%s), allowed: %s",
        file,
        other,
        model.teacher(),
        String.join(", ", averages.stream().map(Path::toString).toList()));
    InvalidInputException.when(
        root.equals(absolute(config.outputDirectory())),
        "%s: output: is that of %s too (%s), allowed: another directory",
        file,
        other,
        config.output());
    String difference = BareNetwork.difference(of, config);
    if (difference == null) {
      difference = preconditioning(of.model(), model.taughtBy(of.model()));
    }
    InvalidInputException.when(
        difference != null,
        "%s: model.teacherConfig: %s trains another architecture than the configuration's, %s (%s"
            + " and %s)",
        file,
        other,
        difference,
        other,
        file);
    return of;
  }

  /** Where the preconditioning of an EDM teacher differs from its student's; null for nowhere. */
  private static String preconditioning(GenerativeModel teacher, GenerativeModel student) {
    if (!(teacher instanceof EdmModel edm)) {
      return null;
    }
    if (edm.networkTime() != student.networkTime()) {
      return "model.networkTime is " + edm.networkTime() + " and " + student.networkTime();
    }
    Object mine = YamlConfig.toTree((Record) student).get("sigmaData");
    return Objects.equals(edm.sigmaData(), mine)
        ? null
        : "model.sigmaData is " + given(edm.sigmaData()) + " and " + given(mine);
  }

  private static Object given(Object sigmaData) {
    return Objects.requireNonNullElse(sigmaData, "not given");
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /**
   * Runs the training that makes the teacher, where its file is missing and that is known.
   *
   * @return whether the teacher is there; false where its training was interrupted
   */
  private static boolean trainTeacher(Path file, RunConfig config, RunListener listener)
      throws IOException {
    if (!makesTeacher(config)) {
      return true;
    }
    Path teacher = Path.of(config.model().teacher());
    Path other = Path.of(config.model().teacherConfig());
    RunConfig of = teacherConfig(file, config);
    listener.teacherMissing(teacher, other);
    start(other, of, false, listener);
    if (!RunDirectory.isFinished(of.outputDirectory())) {
      return false;
    }
    if (!Files.exists(teacher)) {
      throw new InvalidInputException(
          file + ": model.teacher: " + other + " did not make " + teacher);
    }
    return true;
  }

  /** Disk space a run needs: models, kept checkpoints, a window that is a file, its state. */
  public static long bytes(RunConfig config, long parameters) {
    LcscConfig lcsc = config.lcsc();
    long rates = config.ema().rates().size();
    long models = rates;
    long ranges = 1;
    long window = 0;
    long copies = 0;
    if (lcsc != null) {
      ranges = lcsc.search().timeRanges() == null ? 1 : lcsc.search().timeRanges().size();
      int searches = lcsc.schedule().within(config.training().iterations()).size();
      models += searches * (ranges + keptBaselines(lcsc, rates));
      models += lcsc.keeps(Kept.WINDOW) ? lcsc.checkpoints() : 0;
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
   * Most baselines that a search leaves: the last weights, the EMAs over all updates, and of those
   * over the window EMA*, the best, the uniform average and a soup.
   */
  static long keptBaselines(LcscConfig lcsc, long rates) {
    return lcsc.keeps(Kept.BASELINES) ? rates + 5 : 0;
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
    long between = (every + lcsc.interval() - 1L) / lcsc.interval();
    return (int) Math.min(lcsc.checkpoints(), between);
  }

  /**
   * Trains to the end, to the target, until interrupted, or until a parameter is not finite, when a
   * search that was still to come takes place at once; from the run's state where it has one.
   *
   * @param network the network, at iteration 0
   * @param teacher of a distillation, else null
   * @throws InvalidInputException where the state cannot be used
   * @throws ResumableException where the training failed and can be resumed
   * @throws IOException where a file cannot be written
   */
  public void run(ComputationGraph network, ComputationGraph teacher) throws IOException {
    try (Interruption interruption = Interruption.listen(GRACE, listener::stopping)) {
      try (CheckpointWindow window = window(network.numParams());
          PostHocEma postHoc = postHoc(network.numParams())) {
        train(network, teacher, window, postHoc, interruption);
      } finally {
        listener.ended();
      }
    } finally {
      if (directory.isFinished()) {
        directory.deleteState();
      }
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
        TrainingState.of(directory, experiment.identity(), network, window, postHoc);
    // A run killed before its first update has no state yet.
    TrainingState.Parts restored =
        Files.exists(directory.trainingState())
            ? InvalidInputException.reading(state::restore)
            : null;
    TrainingProgress.Saved from =
        restored == null ? TrainingProgress.Saved.START : restored.progress();
    TrainingBatches batches = experiment.batches(from.iteration(), network, teacher);
    if (restored != null && restored.target() != null) {
      ((ConsistencyBatches) batches).restoreTarget(restored.target());
    }
    listener.trainingStarted(experiment, network, directory, from.iteration());
    StateSaver saver = null;
    try (CsvWriter metrics = metrics(restored);
        RunEvents events = RunEvents.open(config(), directory, from.iteration())) {
      SearchSession session = new SearchSession(experiment, directory, network, listener, events);
      LcscListenerBuilder builder = LcscListener.from(config().lcsc(), config().ema());
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
      boolean saved = !Integer.valueOf(0).equals(config().training().saveEvery());
      LcscListener lcsc =
          session.listener(builder, saved ? control.savedIn(directory.searchStates()) : control);
      TrainingProgress progress =
          new TrainingProgress(
              listener,
              metric -> {
                metrics.row(metric.cells());
                events.trained(metric);
              },
              experiment.learningRate(),
              from,
              () -> lcsc.results().size(),
              interruption::requested);
      saver =
          new StateSaver(
              new StateSaver.Training(
                  state, network, batches, lcsc, progress, directory.searchStates()),
              new StateSaver.Schedule(
                  config().training().saveEvery(), searches(), interruption::requested),
              restored == null ? -1 : from.iteration());
      batches.setPreProcessor(saver);
      network.setListeners(
          progress.beforeSearches(),
          lcsc,
          progress,
          new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
              if (interruption.requested()) {
                lcsc.stopSignal().request("interrupted");
              } else if (lcsc.failed()) {
                lcsc.stopSignal().request("diverged");
              }
            }
          });
      if (lcsc.failed()) {
        // Killed after its last update: what is left is the search.
        lcsc.stopSignal().request("diverged");
      }
      network.fit(StoppableIterator.of(batches, lcsc.stopSignal()));
      saver.save();
      if (lcsc.failed() && !interruption.requested() && isSearchDue(network, window)) {
        lcsc.searchNow(network);
      }
      finish(session, lcsc, network, saver, interruption.requested());
    } catch (IOException | UncheckedIOException e) {
      if (saver == null || saver.saved() < 0) {
        throw e;
      }
      throw ResumableException.of(e, "the state of iteration " + saver.saved(), directory);
    }
  }

  /** Whether a search would have come later, of what the window holds. */
  private boolean isSearchDue(ComputationGraph network, CheckpointWindow window) {
    return window != null
        && window.size() >= 2
        && searches().stream().anyMatch(iteration -> iteration > network.getIterationCount());
  }

  private CsvWriter metrics(TrainingState.Parts restored) throws IOException {
    return restored == null
        ? CsvWriter.create(directory.metrics(), TrainingMetric.columns())
        : CsvWriter.resume(
            directory.metrics(), restored.progress().lastRow(), TrainingMetric.columns());
  }

  private Set<Integer> searches() {
    return config().lcsc() == null
        ? Set.of()
        : Set.copyOf(config().lcsc().schedule().within(config().training().iterations()));
  }

  /** Null where it is not configured. */
  private PostHocEma postHoc(long parameters) {
    PostHocConfig c = config().ema().postHoc();
    return c == null ? null : c.averages(parameters);
  }

  /** Null without a search. */
  private CheckpointWindow window(long parameters) {
    LcscConfig lcsc = config().lcsc();
    // Without a state there is nothing that could refer to the file later.
    return lcsc == null
        ? null
        : lcsc.openWindow(parameters, directory.mappedWindow(), spare(config()));
  }

  private void finish(
      SearchSession session,
      LcscListener lcsc,
      ComputationGraph network,
      StateSaver saver,
      boolean interrupted)
      throws IOException {
    lcsc.writeAverages(network);
    boolean resumable = interrupted && saver.saved() >= 0;
    if (config().lcsc() != null && config().lcsc().keeps(Kept.WINDOW) && !resumable) {
      lcsc.writeCheckpoints(network, directory.checkpoints());
    }
    int iteration = network.getIterationCount();
    if (interrupted) {
      // Here: the process ends, with the signal's exit code, once this method returns.
      listener.interrupted(directory, iteration, resumable);
    } else {
      session.finish(iteration);
    }
  }
}
