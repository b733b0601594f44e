package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.config.OwnSearchConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunResults;
import org.lcsc.experiment.run.SearchSource;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.LcscListenerBuilder;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.SearchControl;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.LcscConfig;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Searches checkpoints of a network that this project does not know: its models are made like the
 * newest checkpoint, and an objective of the user's scores them. Not thread-safe.
 */
public final class OwnSearch {

  private final OwnSearchConfig config;
  private final OwnCheckpoints checkpoints;
  private final RunDirectory directory;

  private OwnSearch(OwnSearchConfig config, OwnCheckpoints checkpoints, RunDirectory directory) {
    this.config = config;
    this.checkpoints = checkpoints;
    this.directory = directory;
  }

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
    try (OwnCheckpoints found = checked(file, config, source);
        RunDirectory run =
            RunDirectory.create(
                config.outputDirectory(), YamlConfig.toYaml(config), source, overwrite, 0)) {
      return new OwnSearch(config, found, run).run(listener);
    }
  }

  /**
   * Resumes an interrupted search.
   *
   * @param root its run directory
   * @see #start
   */
  public static Optional<LcscResult> resume(Path root, RunListener listener) throws IOException {
    try (RunDirectory run = RunDirectory.resumeSearch(root, 0)) {
      OwnSearchConfig config = YamlConfig.read(run.config(), OwnSearchConfig.class);
      try (OwnCheckpoints found = checked(run.config(), config, run.readSource())) {
        return new OwnSearch(config, found, run).run(listener);
      }
    }
  }

  /** The checkpoints, after a try of all that the search needs of them. */
  private static OwnCheckpoints checked(Path file, OwnSearchConfig config, SearchSource source)
      throws IOException {
    OwnCheckpoints found = null;
    boolean usable = false;
    try {
      found = OwnCheckpoints.of(source, config);
      found.groups();
      try (INDArray newest = found.newest()) {
        probe(config, found, newest);
      }
      usable = true;
      return found;
    } catch (InvalidValueException e) {
      throw new ConfigException(file.toString(), e);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(file.toString(), e.getMessage(), e);
    } finally {
      if (found != null && !usable) {
        found.close();
      }
    }
  }

  /** Scores a model in a directory for temporary files: whatever fails leaves no run behind. */
  private static void probe(OwnSearchConfig config, OwnCheckpoints found, INDArray newest)
      throws IOException {
    Path directory = Files.createTempDirectory("lcsc");
    Path log = directory.resolve("scorer.log");
    try (OwnObjectives objectives =
        new OwnObjectives(config, found.writer(), found.iteration(), directory, log, () -> false)) {
      LcscListener.from(config.lcsc(), null, objectives);
      objectives.probe(newest);
    } finally {
      Files.deleteIfExists(log);
      Files.deleteIfExists(directory);
    }
  }

  private Optional<LcscResult> run(RunListener listener) throws IOException {
    LcscConfig lcsc = config.lcsc();
    try (Interruption interruption =
            Interruption.listen(Duration.ofSeconds(30), listener::stopping);
        OwnObjectives objectives =
            new OwnObjectives(
                config,
                checkpoints.writer(),
                checkpoints.iteration(),
                directory.candidates(),
                directory.scorerLog(),
                interruption::requested);
        CheckpointWindow window = checkpoints.load(directory.mappedWindow())) {
      LcscListenerBuilder searches =
          LcscListener.from(lcsc, null, objectives)
              .output(directory.root())
              .provenance(Map.of("config", YamlConfig.toYaml(config)))
              .control(
                  SearchControl.DEFAULT
                      .evaluatedBy(objectives.evaluators())
                      .savedIn(directory.searchStates())
                      .cancelledBy(interruption::requested)
                      .watchedBy(
                          iteration ->
                              listener.searchStarted(
                                  iteration, lcsc.search().evaluations(), objectives::shown)));
      if (checkpoints.model() != null) {
        searches.model(checkpoints.model());
      }
      Optional<LcscResult> result =
          searches.buildSearches().search(window, checkpoints.groups(), checkpoints.writer());
      if (result.isPresent()) {
        finish(result.get(), listener);
      } else {
        listener.interrupted(directory, Math.toIntExact(checkpoints.iteration()), true);
      }
      return result;
    } finally {
      listener.ended();
    }
  }

  private void finish(LcscResult result, RunListener listener) throws IOException {
    listener.finishing(directory, List.of(result), TimeRanges.ONE);
    // Last: a run that has it is finished.
    RunResults results =
        new RunResults(
            Math.toIntExact(result.iteration()),
            null,
            result.diverged(),
            List.of(RunResults.Search.of(result, TimeRanges.ONE)));
    directory.writeResults(results);
    directory.deleteState();
    listener.finished(directory, results, result);
  }
}
