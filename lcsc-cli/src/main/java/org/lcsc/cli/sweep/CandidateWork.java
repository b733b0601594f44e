package org.lcsc.cli.sweep;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.cli.run.ConsoleRun;
import org.lcsc.config.ConfigException;
import org.lcsc.experiment.CheckpointSearchRun;
import org.lcsc.experiment.CheckpointSource;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.FeatureSpaces;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.experiment.TrainingRun;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.evaluation.ImageScorer;
import org.lcsc.experiment.evaluation.ImageSource;
import org.lcsc.experiment.evaluation.MetricSpace;
import org.lcsc.experiment.evaluation.Scores;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.SearchSource;
import org.lcsc.export.Versions;
import org.lcsc.io.Sha256;
import org.lcsc.metrics.InceptionScore;
import org.lcsc.metrics.objective.MultiFid;
import org.lcsc.model.CheckpointDirectory;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.objective.Objective;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.SearchEvaluation;
import org.lcsc.search.SearchLog;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.search.config.NoiseSetConfig;
import org.lcsc.search.config.SearchConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Trains, searches or averages one candidate in a directory of its own. Each call has its own data
 * and networks; thread-safe.
 */
final class CandidateWork {

  private final Study study;
  private final StudyConfigurations configurations;

  /** What decides the scores beside the candidate's own configuration. */
  private final String shared;

  /** Of the files that candidates name: all name the same networks. */
  private final Map<String, String> hashes = new ConcurrentHashMap<>();

  /**
   * The work of a study.
   *
   * @throws ConfigException where its evaluation makes no configuration
   * @throws InvalidInputException where the kept checkpoints cannot be read
   */
  CandidateWork(Study study) throws ConfigException {
    this.study = study;
    this.configurations = new StudyConfigurations(study);
    String checkpoints =
        study.checkpoints() == null
            ? ""
            : InvalidInputException.reading(
                () -> {
                  List<CheckpointFile> all =
                      CheckpointDirectory.open(Path.of(study.checkpoints())).checkpoints();
                  CheckpointFile newest = all.get(all.size() - 1);
                  INDArray parameters = org.lcsc.model.ModelFile.parameters(newest.file());
                  return all.size() + " " + newest.iteration() + " " + Sha256.of(parameters);
                });
    this.shared =
        study.mode()
            + checkpoints
            + (study.evaluation() == null
                ? ""
                : study.evaluation() + text(configurations.of(study.evaluation().set())));
  }

  /** All of a configuration but its output: where the results lie does not matter to them. */
  private static String text(RunConfig config) {
    return config
        .toYaml()
        .lines()
        .filter(line -> !line.startsWith("output:"))
        .reduce("", (a, b) -> a + b + "\n");
  }

  /**
   * A short name of what decides a candidate's scores: a result of the same name is its result.
   *
   * @throws ConfigException where its values make no configuration
   */
  String id(SweepPoint point) throws IOException {
    double rate = study.mode() == Study.Mode.EMA ? configurations.rate(point) : 0;
    RunConfig config = configurations.of(point.set());
    StringBuilder text = new StringBuilder(text(config)).append(rate).append(shared);
    for (String file : config.files().values()) {
      if (Files.exists(Path.of(file))) {
        if (!hashes.containsKey(file)) {
          hashes.put(file, Sha256.of(config.parts(file)));
        }
        text.append(hashes.get(file));
      }
    }
    return Sha256.of(text.toString()).substring(0, 12);
  }

  /** Whether an earlier call left all that is wanted of a candidate. */
  boolean isDone(CandidateResult result, SweepPoint point) throws ConfigException {
    return result != null
        && !result.failed()
        && result.curve().stream()
            .map(CandidateResult.Mark::evaluations)
            .toList()
            .equals(study.marksWithin(configurations.evaluations(point)));
  }

  /**
   * Does it.
   *
   * @param directory of the candidate; a run left unfinished there is continued
   * @return its result under that name
   * @throws CancellationException where it was interrupted
   */
  CandidateResult run(String id, SweepPoint point, Path directory) throws IOException {
    Files.createDirectories(directory);
    Path root = CandidateResult.run(directory);
    List<String> set = new ArrayList<>(point.set());
    set.add("output=\"" + root.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"');
    RunConfig config = configurations.of(set);
    long start = System.nanoTime();
    List<CandidateResult.Mark> curve = List.of();
    Map<String, Double> scores;
    try (PrintWriter log =
        new PrintWriter(
            Files.newBufferedWriter(directory.resolve("log.txt"), StandardCharsets.UTF_8))) {
      if (study.mode() == Study.Mode.EMA) {
        scores =
            average(
                Experiment.loadFor(configurations.base(), config),
                configurations.rate(point),
                directory);
      } else {
        ConsoleRun console = new ConsoleRun(log, log);
        if (study.mode() == Study.Mode.SEARCH) {
          curve = search(config, root, console);
        } else if (!RunDirectory.isFinished(root)) {
          if (Files.exists(RunDirectory.config(root))) {
            TrainingRun.resume(root, console);
          } else {
            TrainingRun.start(configurations.base(), config, false, console);
          }
          requireFinished(root);
        }
        List<CandidateResult.Search> searches = CandidateResult.searches(root);
        scores = searches.get(searches.size() - 1).scores();
        if (study.evaluation() != null) {
          scores.putAll(evaluated(root));
        }
      }
    }
    double score = scores.getOrDefault(study.score(), Double.NaN);
    double seconds = (System.nanoTime() - start) * 1e-9;
    return new CandidateResult(
        id, point.labels(), score, seconds, scores, curve, null, Versions.current());
  }

  private static void requireFinished(Path root) {
    if (!RunDirectory.isFinished(root)) {
      throw new CancellationException("interrupted");
    }
  }

  private List<CandidateResult.Mark> search(RunConfig config, Path root, ConsoleRun console)
      throws IOException {
    Experiment experiment = Experiment.loadFor(configurations.base(), config);
    ComputationGraph network = experiment.newNetwork();
    if (!RunDirectory.isFinished(root)) {
      SearchSource source =
          new SearchSource(
              Path.of(study.checkpoints()).toAbsolutePath().toString(), false, null, null);
      long bytes = CheckpointSearchRun.bytes(experiment, network, 0);
      try (RunDirectory run =
          Files.exists(RunDirectory.config(root))
              ? RunDirectory.resumeSearch(root)
              : RunDirectory.create(root, experiment.config().toYaml(), source, true, bytes)) {
        new CheckpointSearchRun(experiment, this::window, run, console).run(network);
      }
      requireFinished(root);
    }
    List<Integer> marks = study.marksWithin(experiment.config().lcsc().search().evaluations());
    if (marks.isEmpty()) {
      return List.of();
    }
    try (RunDirectory run = RunDirectory.open(root)) {
      long iteration = run.mergedIterations().get(0);
      Path file = run.searchLog(iteration);
      List<SearchEvaluation> rows = SearchLog.read(file);
      if (rows.size() != rows.get(rows.size() - 1).index() + 1) {
        // After a crash of the machine the log may lack what the state had.
        throw new IOException(file + ": lacks rows, delete " + root + " to search again");
      }
      return curve(experiment, network, rows, marks, root);
    }
  }

  /** What the best so far scores on the report's noise at every mark. */
  private List<CandidateResult.Mark> curve(
      Experiment experiment,
      ComputationGraph network,
      List<SearchEvaluation> rows,
      List<Integer> marks,
      Path directory)
      throws IOException {
    SearchConfig search = experiment.config().lcsc().search();
    TimeRanges ranges = experiment.config().timeRanges(search);
    NoiseSetConfig noise = experiment.config().lcsc().report();
    MultiFid report = experiment.report(network, noise.seed(), noise.samples(), ranges);
    Map<SearchEvaluation, Map<String, Double>> scored = new HashMap<>();
    List<CandidateResult.Mark> curve = new ArrayList<>();
    try (CheckpointWindow window =
        window(network, experiment.config(), directory.resolve("window.bin"))) {
      CheckpointMerger merger =
          CheckpointMerger.of(
              window, ParameterGrouping.configured(search.groups()).of(network), ranges);
      SearchEvaluation best = null;
      double seconds = 0;
      int next = 0;
      for (SearchEvaluation row : rows) {
        seconds += row.seconds().total();
        // Only a row that was the best has its coefficients in the log.
        if (best == null ? Double.isFinite(row.best()) : row.best() < best.best()) {
          best = row;
        }
        // A strategy may end before its budget does.
        boolean last = row == rows.get(rows.size() - 1);
        while (next < marks.size() && (last || row.cost() >= marks.get(next))) {
          if (best != null && !scored.containsKey(best)) {
            scored.put(best, scores(report, merger, best.coefficients()));
          }
          Map<String, Double> fresh = best == null ? Map.of() : scored.get(best);
          curve.add(new CandidateResult.Mark(marks.get(next++), seconds, row.best(), fresh));
        }
      }
    } finally {
      Files.deleteIfExists(directory.resolve("window.bin"));
    }
    return curve;
  }

  private static Map<String, Double> scores(
      MultiFid report, CheckpointMerger merger, double[] coefficients) throws IOException {
    INDArray merged = Nd4j.createUninitializedDetached(DataType.FLOAT, 1, merger.parameters());
    merger.merge(new double[][] {coefficients}, merged);
    Map<String, Double> scores = scores("", report, merged.reshape(merged.length()));
    merged.close();
    return scores;
  }

  /** FID by the place of each space, its name after a prefix. */
  private static Map<String, Double> scores(String prefix, MultiFid report, INDArray parameters) {
    Map<String, Double> scores = new LinkedHashMap<>();
    FeatureSpaces.byPlace(report.evaluateAll(parameters).scores())
        .forEach((space, score) -> scores.put(prefix + space, score));
    return scores;
  }

  /** The checkpoints that the window of the configuration would hold, all of them. */
  private CheckpointWindow window(ComputationGraph network, RunConfig config, Path mapped)
      throws IOException {
    CheckpointSource source = new CheckpointSource(study.checkpoints(), null, 0, false);
    LcscConfig lcsc = config.lcsc();
    CheckpointWindow window = source.open(network, config, mapped);
    if (window.size() < lcsc.checkpoints()) {
      window.close();
      throw new InvalidInputException(
          format(
              "%s: holds %s checkpoints of window %s and interval %s, needed: %s",
              study.checkpoints(),
              window.size(),
              lcsc.window(),
              lcsc.interval(),
              lcsc.checkpoints()));
    }
    return window;
  }

  private Map<String, Double> average(Experiment experiment, double rate, Path directory)
      throws IOException {
    LcscConfig lcsc = experiment.config().lcsc();
    ComputationGraph network = experiment.newNetwork();
    Path mapped = directory.resolve("window.bin");
    try (CheckpointWindow window = window(network, experiment.config(), mapped)) {
      INDArray merged = window.merge(EmaCoefficients.of(rate, window.iterations()));
      Map<String, Double> scores = new LinkedHashMap<>();
      NoiseSetConfig noise = lcsc.validation();
      Objective validation = experiment.fid(network, noise.seed(), noise.samples());
      scores.put("EMA validation", validation.evaluate(merged).score());
      MultiFid report =
          experiment.report(network, lcsc.report().seed(), lcsc.report().samples(), TimeRanges.ONE);
      scores.putAll(scores("EMA ", report, merged));
      return scores;
    } finally {
      Files.deleteIfExists(mapped);
    }
  }

  /** The merged model of the last search on the study's own evaluation: FID and Inception Score. */
  private Map<String, Double> evaluated(Path root) throws IOException {
    RunConfig config = configurations.of(study.evaluation().set());
    Experiment experiment = Experiment.loadFor(configurations.base(), config);
    ComputationGraph network = experiment.newNetwork();
    NoiseSetConfig report = config.lcsc().report();
    Integer samples = study.evaluation().samples();
    Long seed = study.evaluation().seed();
    try (RunDirectory run = RunDirectory.open(root)) {
      List<Long> merged = run.mergedIterations();
      // By its recipe, which also tells the models of several time ranges.
      LoadedModel model = LoadedModel.load(run.recipe(merged.get(merged.size() - 1)), network);
      int count = samples == null ? report.samples() : samples;
      ImageSource source =
          ImageSource.ofModel(
              experiment.generator(network, model.ranges()),
              model.parameters(),
              seed == null ? report.seed() : seed,
              count,
              Math.min(count, experiment.sampleBatch()));
      Scores measured = scorer(experiment).score(source, images -> {});
      Map<String, Double> scores = new LinkedHashMap<>();
      measured
          .numbers()
          .forEach(
              (name, value) -> {
                if (value != null) {
                  scores.put(CandidateResult.EVALUATED_PREFIX + name, value);
                }
              });
      // A model whose samples are not finite has nothing else.
      scores.putIfAbsent(CandidateResult.EVALUATED, Double.NaN);
      return scores;
    }
  }

  /** FID in every space of an experiment, by its place, and the Inception Score. */
  private static ImageScorer scorer(Experiment experiment) throws IOException {
    List<MetricSpace> spaces = new ArrayList<>();
    for (MultiFid.Space space : experiment.spaces()) {
      spaces.add(
          new MetricSpace(FeatureSpaces.name(spaces.size()), space.extractor(), space.reference()));
    }
    return new ImageScorer(
        spaces, null, new ImageScorer.Settings(InceptionScore.DEFAULT_SPLITS, List.of(), 0));
  }
}
