package org.lcsc.experiment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.io.function.IOSupplier;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.config.OwnSearchConfig;
import org.lcsc.experiment.run.ProbeDirectory;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunResults;
import org.lcsc.experiment.run.SearchSource;
import org.lcsc.export.Versions;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.ModelWriter;
import org.lcsc.io.Text;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.LcscListenerBuilder;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.SearchControl;
import org.lcsc.listener.WindowSearches;
import org.lcsc.objective.TimeRanges;
import org.lcsc.tensor.CheckpointFormat;
import org.lcsc.tensor.TensorFolder;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Searches checkpoints of a network that this project does not know: its models are made like the
 * newest checkpoint, and an objective of the user's scores them. Thread-safe: it has no state.
 */
public final class OwnSearch {

  /** Of checkpoints that nobody has looked at. */
  private static final ModelWriter NO_WRITER =
      new ModelWriter() {
        @Override
        public String suffix() {
          return ".zip";
        }

        @Override
        public void write(Path file, INDArray parameters, long iteration) {
          throw new IllegalStateException("no checkpoint to write " + file + " like");
        }
      };

  private OwnSearch() {}

  /**
   * Whether a configuration is of such a search.
   *
   * @throws ConfigException where the file is missing, unreadable or no mapping
   */
  public static boolean isConfiguredBy(Path file) throws ConfigException {
    return YamlConfig.keys(file).contains(OwnSearchConfig.KEY);
  }

  /**
   * Searches, in a new run directory.
   *
   * @param file the configuration's file, for messages
   * @param source the checkpoints
   * @param overwrite whether a run that is there is deleted
   * @param listener shows it
   * @return the result; empty where the process is being ended, and the search can be resumed
   * @throws IOException where a file cannot be read or written
   */
  public static Optional<LcscResult> start(
      Path file,
      OwnSearchConfig config,
      SearchSource source,
      boolean overwrite,
      RunListener listener)
      throws IOException {
    RunDirectory.requireFree(config.outputDirectory(), overwrite, source.inputs());
    IOSupplier<RunDirectory> run =
        () ->
            RunDirectory.create(
                config.outputDirectory(), YamlConfig.toYaml(config), source, overwrite, 0);
    if (source.isFollowed()) {
      Path reached = config.follow().reached() == null ? null : Path.of(config.follow().reached());
      if (reached != null && Files.isRegularFile(reached)) {
        // Of an earlier run: the training that begins now would end at once.
        Files.delete(reached);
      }
      return follow(file, config, source, config.outputDirectory(), run, listener);
    }
    try (Interruption interruption = interruption(listener);
        OwnCheckpoints found =
            checked(file, config, source, config.outputDirectory(), interruption);
        RunDirectory directory = run.get()) {
      return run(config, found, directory, listener, interruption);
    }
  }

  /**
   * Resumes an interrupted search.
   *
   * @param root its run directory
   * @see #start
   */
  public static Optional<LcscResult> resume(Path root, RunListener listener) throws IOException {
    try (RunDirectory run = RunDirectory.resumeSearch(root)) {
      OwnSearchConfig config = YamlConfig.read(run.config(), OwnSearchConfig.class);
      if (run.readSource().isFollowed()) {
        return follow(run.config(), config, run.readSource(), root, () -> run, listener);
      }
      try (Interruption interruption = interruption(listener);
          OwnCheckpoints found =
              checked(run.config(), config, run.readSource(), root, interruption)) {
        return run(config, found, run, listener, interruption);
      }
    }
  }

  private static Interruption interruption(RunListener listener) {
    return Interruption.listen(Duration.ofSeconds(30), listener::stopping);
  }

  /** The checkpoints, after a try of all that the search needs of them. */
  private static OwnCheckpoints checked(
      Path file, OwnSearchConfig config, SearchSource source, Path root, Interruption interruption)
      throws IOException {
    return inFile(
        file,
        () -> {
          OwnCheckpoints found = OwnCheckpoints.of(source, config);
          boolean usable = false;
          try (INDArray newest = found.newest()) {
            found.groups();
            found.averages(source);
            probe(config, root, found.writer(), found.iteration(), newest, interruption);
            usable = true;
            return found;
          } finally {
            if (!usable) {
              found.close();
            }
          }
        });
  }

  /** Puts the file's name in front of what is wrong with a key. */
  private static <T> T inFile(Path file, IOSupplier<T> work) throws IOException {
    try {
      return work.get();
    } catch (InvalidValueException e) {
      throw new ConfigException(file.toString(), e);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(file.toString(), e.getMessage(), e);
    }
  }

  /**
   * Refuses what a search would refuse before it reads a checkpoint.
   *
   * @param file the configuration's file, for messages
   * @throws ConfigException with the key
   */
  public static void check(Path file, OwnSearchConfig config) throws IOException {
    inFile(
        file,
        () -> {
          // Nothing is written there, and nothing of the user's deleted.
          Path none = config.outputDirectory().resolve(".none");
          try (OwnObjectives objectives =
              new OwnObjectives(config, NO_WRITER, 0, none, none, () -> false)) {
            LcscListener.from(config.lcsc(), null, objectives);
          }
          return null;
        });
  }

  /**
   * Makes what a search scores by, and scores a model where the search will write its candidates:
   * whatever fails leaves no run behind.
   *
   * @param root the run directory
   * @param newest the model's parameters
   * @throws java.util.concurrent.CancellationException where the process is to end
   */
  private static void probe(
      OwnSearchConfig config,
      Path root,
      ModelWriter writer,
      long iteration,
      INDArray newest,
      Interruption interruption)
      throws IOException {
    try (ProbeDirectory directory = new ProbeDirectory(root);
        OwnObjectives objectives =
            new OwnObjectives(
                config,
                writer,
                iteration,
                directory.path(),
                directory.path().resolve("scorer.log"),
                interruption::requested)) {
      LcscListener.from(config.lcsc(), null, objectives);
      objectives.probe(newest);
    }
  }

  private static Optional<LcscResult> run(
      OwnSearchConfig config,
      OwnCheckpoints checkpoints,
      RunDirectory directory,
      RunListener listener,
      Interruption interruption)
      throws IOException {
    List<ExponentialMovingAverage> averages = checkpoints.averages(directory.readSource());
    directory.requireSearchIdentity(config.identity() + SearchSource.identity(averages));
    try (OwnObjectives objectives =
            new OwnObjectives(
                config,
                checkpoints.writer(),
                checkpoints.iteration(),
                directory.candidates(),
                directory.scorerLog(),
                interruption::requested);
        CheckpointWindow window = checkpoints.load(directory.mappedWindow())) {
      LcscListenerBuilder builder =
          searches(config, objectives, directory, listener, interruption).averages(averages);
      if (checkpoints.model() != null) {
        builder.model(checkpoints.model());
      }
      WindowSearches searches = builder.buildSearches();
      Optional<LcscResult> result =
          searches.search(window, checkpoints.groups(), checkpoints.writer());
      if (result.isPresent()) {
        listener.found(result.get());
        finish(directory, searches, null, listener);
      } else {
        listener.interrupted(directory, checkpoints.iteration(), true);
      }
      return result;
    } catch (IOException | UncheckedIOException e) {
      throw ResumableException.of(e, "the state", directory);
    } finally {
      listener.ended();
    }
  }

  /** The settings of its searches. */
  static LcscListenerBuilder searches(
      OwnSearchConfig config,
      OwnObjectives objectives,
      RunDirectory directory,
      RunListener listener,
      Interruption interruption)
      throws IOException {
    int evaluations = config.lcsc().search().evaluations();
    return LcscListener.from(config.lcsc(), null, objectives)
        .output(directory.root())
        .provenance(Map.of("config", YamlConfig.toYaml(config)))
        .control(
            SearchControl.DEFAULT
                .evaluatedBy(objectives.evaluators())
                .savedIn(directory.searchStates())
                .cancelledBy(interruption::requested)
                .watchedBy(
                    iteration ->
                        listener.searchStarted(iteration, evaluations, objectives::shown)));
  }

  /**
   * Follows a training that runs elsewhere, in a new run directory, which is made once the first
   * checkpoint is whole.
   *
   * @see #start
   */
  private static Optional<LcscResult> follow(
      Path file,
      OwnSearchConfig config,
      SearchSource source,
      Path root,
      IOSupplier<RunDirectory> run,
      RunListener listener)
      throws IOException {
    Path folder = Path.of(source.checkpoints());
    inFile(
        file,
        () -> {
          config.lcsc().requireFirstSearch("lcsc.");
          return null;
        });
    try (Interruption interruption = interruption(listener)) {
      FollowedFolder followed =
          new FollowedFolder(folder, config.follow(), interruption::requested);
      Optional<CheckpointFile> first = followed.next();
      if (first.isEmpty()) {
        if (interruption.requested()) {
          return Optional.empty();
        }
        throw new InvalidInputException(
            folder
                + ": no checkpoint has come within follow.patience, allowed: files "
                + CheckpointFormat.suffixes()
                + " with the iteration in their name");
      }
      TensorFolder tensors =
          inFile(
              file,
              () ->
                  InvalidInputException.reading(
                      () -> TensorFolder.of(folder, List.of(first.get()), config.exclude())));
      tensors.layout().warnOfNoParameters();
      inFile(
          file,
          () -> {
            try (OwnCheckpoints one =
                    new OwnCheckpoints.OfTensors(tensors, config.lcsc(), tensors.writer());
                INDArray newest = one.newest()) {
              one.groups();
              probe(config, root, one.writer(), one.iteration(), newest, interruption);
            }
            return null;
          });
      try (RunDirectory directory = run.get()) {
        directory.requireSearchIdentity(config.identity());
        followed.restart(tensors);
        try {
          return follow(
              new FollowingSearch(config, folder, followed, directory, listener),
              tensors,
              interruption);
        } catch (IOException | UncheckedIOException e) {
          throw ResumableException.of(e, "the state", directory);
        } finally {
          listener.ended();
        }
      }
    }
  }

  private static Optional<LcscResult> follow(
      FollowingSearch following, TensorFolder first, Interruption interruption) throws IOException {
    RunDirectory directory = following.directory();
    RunListener listener = following.listener();
    WindowSearches searches = following.run(first, interruption);
    if (interruption.requested()) {
      listener.interrupted(directory, iteration(searches), true);
      return Optional.empty();
    }
    if (searches.results().isEmpty()) {
      String came =
          following
              .checkpoints()
              .newest()
              .map(file -> file.file().getFileName() + ", of iteration " + file.iteration())
              .orElse("none");
      throw new IOException(
          Text.format(
              "%s: no search took place: the newest checkpoint that came is %s; a search takes 2"
                  + " checkpoints, and begins at iteration %s (lcsc.searchAt or startAt)",
              following.folder(), came, following.config().lcsc().schedule().first()));
    }
    String stopped = searches.stopSignal().reason().orElse(null);
    String reached = following.config().follow().reached();
    if (stopped != null && reached != null) {
      AtomicFiles.writeString(Path.of(reached), stopped + "\n");
    }
    finish(directory, searches, stopped, listener);
    return searches.best();
  }

  /** Of the latest search that has ended; 0 before. */
  private static long iteration(WindowSearches searches) {
    List<LcscResult> results = searches.results();
    return results.isEmpty() ? 0 : results.get(results.size() - 1).iteration();
  }

  private static void finish(
      RunDirectory directory, WindowSearches searches, String stopped, RunListener listener)
      throws IOException {
    List<LcscResult> found = searches.results();
    if (searches.best().isEmpty()) {
      Path log = directory.scorerLog();
      throw new IOException(
          "no score on the set validation was a finite number"
              + (Files.exists(log) ? ", standard error is in " + log : ""));
    }
    listener.finishing(directory, found, TimeRanges.ONE);
    LcscResult last = found.get(found.size() - 1);
    // Last: a run that has it is finished.
    RunResults results =
        new RunResults(
            last.iteration(),
            stopped,
            last.diverged(),
            found.stream().map(r -> RunResults.Search.of(r, TimeRanges.ONE)).toList(),
            Versions.current());
    directory.writeResults(results);
    directory.deleteState();
    listener.finished(directory, results, searches.best().get());
  }
}
