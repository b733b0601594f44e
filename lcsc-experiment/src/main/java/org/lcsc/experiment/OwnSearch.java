package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.config.OwnSearchConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunResults;
import org.lcsc.experiment.run.SearchSource;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.ObjectiveFactory;
import org.lcsc.listener.SearchControl;
import org.lcsc.model.CheckpointDirectory;
import org.lcsc.model.ModelFile;
import org.lcsc.objective.Objective;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.LcscConfig;

/**
 * Searches checkpoints of a network that this project does not know: its architecture is that of
 * the newest checkpoint, and a class of the user's makes what scores it. Not thread-safe.
 */
public final class OwnSearch {

  private final OwnSearchConfig config;
  private final ObjectiveFactory factory;
  private final CheckpointDirectory checkpoints;
  private final RunDirectory directory;

  private OwnSearch(
      OwnSearchConfig config,
      ObjectiveFactory factory,
      CheckpointDirectory checkpoints,
      RunDirectory directory) {
    this.config = config;
    this.factory = factory;
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
   * @param file the configuration
   * @param assignments values that replace some of it, as {@link Overrides} takes them
   * @param source the checkpoints
   * @param overwrite whether a run that is there is deleted
   * @param listener shows it
   * @return the result; empty where the process is being ended, and the search can be resumed
   * @throws IOException where a file cannot be read or written
   */
  public static Optional<LcscResult> start(
      Path file,
      List<String> assignments,
      SearchSource source,
      boolean overwrite,
      RunListener listener)
      throws IOException {
    OwnSearchConfig config = Overrides.read(file, assignments, OwnSearchConfig.class);
    ObjectiveFactory factory = factory(file, config);
    LcscConfig lcsc = config.lcsc();
    CheckpointDirectory found = CheckpointSource.checked(source, lcsc).directory(lcsc);
    try (RunDirectory run =
        RunDirectory.create(
            config.outputDirectory(), YamlConfig.toYaml(config), source, overwrite, 0)) {
      return new OwnSearch(config, factory, found, run).run(listener);
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
      ObjectiveFactory factory = factory(run.config(), config);
      LcscConfig lcsc = config.lcsc();
      CheckpointDirectory found = CheckpointSource.checked(run.readSource(), lcsc).directory(lcsc);
      return new OwnSearch(config, factory, found, run).run(listener);
    }
  }

  private static ObjectiveFactory factory(Path file, OwnSearchConfig config)
      throws ConfigException {
    try {
      return config.factory();
    } catch (InvalidValueException e) {
      throw new ConfigException(file.toString(), e);
    }
  }

  private Optional<LcscResult> run(RunListener listener) throws IOException {
    LcscConfig lcsc = config.lcsc();
    List<CheckpointFile> entries = checkpoints.checkpoints();
    CheckpointFile newest = entries.get(entries.size() - 1);
    Model model = ModelFile.model(newest.file());
    setIteration(model, Math.toIntExact(newest.iteration()));
    Objective report = factory.create(lcsc.report().seed(), lcsc.report().samples());
    Path mapped = directory.mappedWindow();
    try (Interruption interruption =
            Interruption.listen(Duration.ofSeconds(30), listener::stopping);
        CheckpointWindow window =
            checkpoints.load(builder -> lcsc.storage().keep(builder, mapped, 0));
        LcscListener searching =
            LcscListener.from(lcsc, null)
                .model(model)
                .window(window)
                .output(directory.root())
                .objective(factory.create(lcsc.search().seed(), lcsc.search().samples()))
                .validation(factory.create(lcsc.validation().seed(), lcsc.validation().samples()))
                .report(p -> Map.of(report.name(), report.scoreOf(report.evaluate(p).score())))
                .provenance(Map.of("config", YamlConfig.toYaml(config)))
                .control(
                    SearchControl.DEFAULT
                        .savedIn(directory.searchStates())
                        .cancelledBy(interruption::requested)
                        .watchedBy(
                            iteration ->
                                listener.searchStarted(
                                    iteration, lcsc.search().evaluations(), report::scoreOf)))
                .build()) {
      Optional<LcscResult> result = searching.searchNow(model);
      if (result.isPresent()) {
        finish(result.get(), listener);
      } else {
        listener.interrupted(directory, Math.toIntExact(newest.iteration()), true);
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

  private static void setIteration(Model model, int iteration) {
    if (model instanceof ComputationGraph graph) {
      graph.getConfiguration().setIterationCount(iteration);
    } else {
      ((MultiLayerNetwork) model).getLayerWiseConfigurations().setIterationCount(iteration);
    }
  }
}
