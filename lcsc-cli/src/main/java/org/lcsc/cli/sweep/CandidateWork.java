package org.lcsc.cli.sweep;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.cli.report.LiveReport;
import org.lcsc.config.ConfigException;
import org.lcsc.experiment.CheckpointSearchRun;
import org.lcsc.experiment.CheckpointSource;
import org.lcsc.experiment.CommandFailure;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.ModelFile;
import org.lcsc.experiment.Overrides;
import org.lcsc.experiment.TrainingRun;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.io.Sha256;
import org.lcsc.model.CheckpointDirectory;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.search.config.NoiseSetConfig;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Trains, searches or averages one candidate in a directory of its own. Each call has its own data
 * and networks; thread-safe.
 */
final class CandidateWork {

  private static final String OUTPUT = "output=";

  private final Study study;
  private final Path base;

  /** Tells kept checkpoints from others, the empty text without. */
  private final String checkpointsId;

  /** What the study's own evaluation is, the empty text without. */
  private final String evaluationId;

  /**
   * The work of a study.
   *
   * @throws ConfigException where its evaluation makes no configuration
   * @throws CommandFailure where the kept checkpoints cannot be read
   */
  CandidateWork(Study study) throws ConfigException {
    this.study = study;
    this.base = Path.of(study.base());
    this.evaluationId =
        study.evaluation() == null ? "" : study.evaluation() + text(evaluationConfiguration());
    this.checkpointsId =
        study.checkpoints() == null
            ? ""
            : CommandFailure.reading(
                () -> {
                  List<CheckpointDirectory.Entry> all = open().checkpoints();
                  CheckpointDirectory.Entry newest = all.get(all.size() - 1);
                  INDArray parameters = org.lcsc.model.ModelFile.parameters(newest.file());
                  return all.size() + " " + newest.iteration() + " " + Sha256.of(parameters);
                });
  }

  private CheckpointDirectory open() throws IOException {
    return CheckpointDirectory.open(Path.of(study.checkpoints()));
  }

  /**
   * What decides a candidate's scores, as a text: a result of the same text is its result.
   *
   * @throws ConfigException where its values make no configuration
   */
  String identity(SweepPoint point) throws ConfigException {
    String config = text(configuration(point, "-"));
    return study.mode() + "\n" + config + rate(point) + "\n" + checkpointsId + evaluationId;
  }

  /** All of a configuration but its output: where the results lie does not matter to them. */
  private static String text(RunConfig config) {
    return config
        .toYaml()
        .lines()
        .filter(line -> !line.startsWith("output:"))
        .reduce("", (a, b) -> a + b + "\n");
  }

  private RunConfig evaluationConfiguration() throws ConfigException {
    List<String> all = new ArrayList<>(study.set());
    all.addAll(study.evaluation().set());
    return searching(Overrides.read(base, all));
  }

  private RunConfig searching(RunConfig config) throws ConfigException {
    if (config.lcsc() == null) {
      throw new ConfigException(study.base(), "lcsc: missing, a study needs its settings");
    }
    return config;
  }

  /** The candidate's configuration. */
  private RunConfig configuration(SweepPoint point, String output) throws ConfigException {
    List<String> all = new ArrayList<>(study.set());
    point.set().stream().filter(s -> !isRate(s)).forEach(all::add);
    all.add(OUTPUT + '"' + output.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
    return searching(Overrides.read(base, all));
  }

  private static boolean isRate(String assignment) {
    return assignment.startsWith(Axis.EMA_RATE + "=");
  }

  private static String rate(SweepPoint point) {
    return point.set().stream()
        .filter(CandidateWork::isRate)
        .map(s -> s.substring(Axis.EMA_RATE.length() + 1))
        .findFirst()
        .orElse("");
  }

  /** Refuses a rate that is none. */
  void check(SweepPoint point) throws ConfigException {
    identity(point);
    if (study.mode() == Study.Mode.EMA) {
      rateOf(point);
    }
  }

  private static double rateOf(SweepPoint point) {
    try {
      double rate = Double.parseDouble(rate(point));
      if (rate >= 0 && rate < 1) {
        return rate;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw CommandFailure.badInput(
        Axis.EMA_RATE + ": not a rate (" + rate(point) + "), allowed: 0 to less than 1");
  }

  /**
   * Does it.
   *
   * @param directory of the candidate; a run left unfinished there goes on
   * @return its scores by name
   * @throws CommandFailure where it was interrupted, with the interruption's exit code
   */
  Map<String, Double> run(SweepPoint point, Path directory) throws IOException {
    Files.createDirectories(directory);
    try (PrintWriter log =
        new PrintWriter(
            Files.newBufferedWriter(directory.resolve("log.txt"), StandardCharsets.UTF_8))) {
      if (study.mode() == Study.Mode.EMA) {
        return average(point);
      }
      Path root = directory.resolve("run");
      RunConfig config = configuration(point, root.toString());
      if (!Files.exists(root.resolve("results.json"))) {
        Experiment experiment = Experiment.loadFor(base, config);
        if (study.mode() == Study.Mode.TRAIN) {
          train(experiment, root, log);
        } else {
          search(experiment, root, log);
        }
      }
      Path results = root.resolve("results.json");
      if (!Files.exists(results)) {
        throw CommandFailure.interrupted("interrupted");
      }
      Map<String, Double> scores = CandidateScores.of(results);
      if (study.evaluation() != null) {
        scores.putAll(evaluated(root));
      }
      return scores;
    }
  }

  private static void train(Experiment experiment, Path root, PrintWriter log) throws IOException {
    ComputationGraph network = experiment.newNetwork();
    ComputationGraph teacher = experiment.teacher();
    boolean begun = Files.exists(root.resolve("config.yaml"));
    try (RunDirectory run =
        begun
            ? RunDirectory.resume(root, 0)
            : RunDirectory.create(
                root,
                experiment.config(),
                false,
                TrainingRun.bytes(experiment.config(), network.numParams()))) {
      if (!Files.exists(run.trainingState())) {
        experiment.start(network, teacher);
      }
      new TrainingRun(experiment, run, log, log).page(LiveReport::start).run(network, teacher);
    }
  }

  private void search(Experiment experiment, Path root, PrintWriter log) throws IOException {
    ComputationGraph network = experiment.newNetwork();
    CheckpointDirectory checkpoints = spaced(experiment.config().lcsc());
    try (RunDirectory run =
        RunDirectory.create(
            root, experiment.config(), true, CheckpointSearchRun.bytes(experiment, network))) {
      new CheckpointSearchRun(
              experiment,
              (searched, config, mapped) ->
                  CheckpointSource.load(checkpoints, searched, config, mapped),
              run,
              log,
              log)
          .run(network);
    }
  }

  /** The checkpoints that a window of the configuration would hold. */
  private CheckpointDirectory spaced(LcscConfig lcsc) {
    try {
      CheckpointDirectory chosen = open().spaced(lcsc.window(), lcsc.interval());
      if (chosen.checkpoints().size() < lcsc.checkpoints()) {
        throw new IOException(
            study.checkpoints()
                + ": holds "
                + chosen.checkpoints().size()
                + " checkpoints of window "
                + lcsc.window()
                + " and interval "
                + lcsc.interval()
                + ", needed: "
                + lcsc.checkpoints());
      }
      return chosen;
    } catch (IOException | IllegalArgumentException e) {
      throw CommandFailure.badInput(List.of(e));
    }
  }

  private Map<String, Double> average(SweepPoint point) throws IOException {
    RunConfig config = configuration(point, "-");
    LcscConfig lcsc = config.lcsc();
    Experiment experiment = Experiment.loadFor(base, config);
    ComputationGraph network = experiment.newNetwork();
    CheckpointDirectory checkpoints = spaced(lcsc);
    // One file stands for all: the directory compares them with each other.
    ModelFile.load(checkpoints.checkpoints().get(0).file(), network);
    try (CheckpointWindow window = checkpoints.load()) {
      INDArray merged = window.merge(EmaCoefficients.of(rateOf(point), window.iterations()));
      Map<String, Double> scores = new LinkedHashMap<>();
      NoiseSetConfig validation = lcsc.validation();
      scores.put(
          "EMA validation",
          experiment
              .fid(network, validation.seed(), validation.samples())
              .evaluate(merged)
              .score());
      experiment
          .report(network, lcsc.report().seed(), lcsc.report().samples(), TimeRanges.ONE)
          .evaluateAll(merged)
          .scores()
          .forEach((space, score) -> scores.put("EMA " + space, score));
      return scores;
    }
  }

  /** The merged model of the last search on the base's configuration, in all spaces. */
  private Map<String, Double> evaluated(Path root) throws IOException {
    RunConfig config = evaluationConfiguration();
    Experiment experiment = Experiment.loadFor(base, config);
    ComputationGraph network = experiment.newNetwork();
    NoiseSetConfig report = config.lcsc().report();
    Integer samples = study.evaluation().samples();
    Long seed = study.evaluation().seed();
    try (RunDirectory run = RunDirectory.open(root)) {
      List<Integer> merged = run.mergedIterations();
      Path model = run.mergedModel(merged.get(merged.size() - 1));
      Map<String, Double> scores = new LinkedHashMap<>();
      experiment
          .report(
              network,
              seed == null ? report.seed() : seed,
              samples == null ? report.samples() : samples,
              TimeRanges.ONE)
          .evaluateAll(ModelFile.load(model, network).parameters())
          .scores()
          .forEach((space, score) -> scores.put(CandidateScores.EVALUATED_PREFIX + space, score));
      return scores;
    }
  }
}
