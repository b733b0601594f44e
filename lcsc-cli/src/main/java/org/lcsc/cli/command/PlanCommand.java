package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.lcsc.cli.plan.MachineProbe;
import org.lcsc.cli.plan.PlanFigures;
import org.lcsc.cli.plan.PlanFigures.EvaluationFigures;
import org.lcsc.cli.plan.PlanFigures.SpreadFigures;
import org.lcsc.cli.plan.PlanFigures.TrainingFigures;
import org.lcsc.cli.plan.PlanReport;
import org.lcsc.cli.plan.SearchCost;
import org.lcsc.cli.plan.TrainingTime;
import org.lcsc.cli.plan.TrainingTime.Point;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.BareNetwork;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.Overrides;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.objective.StageSeconds;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a configuration will need. */
@Command(
    name = "plan",
    description = {
      "Say what a configuration needs, before it is run: memory, disk, seconds per evaluation,"
          + " hours of search and training, speed-up, and when several machines pay.",
      "What is not given is measured on this machine in some ten seconds."
    })
final class PlanCommand extends TextCommand {

  @Parameters(paramLabel = "CONFIG", description = "The YAML file.")
  private Path file;

  @Option(
      names = "--figures",
      paramLabel = "FILE",
      description = "Figures as YAML, for example examples/plan-paper-cifar10-cd.yaml.")
  private Path figuresFile;

  @Option(names = "--merge-seconds", paramLabel = "S", description = "Merging, per evaluation.")
  private Double mergeSeconds;

  @Option(names = "--sample-seconds", paramLabel = "S", description = "Sampling, per evaluation.")
  private Double sampleSeconds;

  @Option(names = "--feature-seconds", paramLabel = "S", description = "Features, per evaluation.")
  private Double featureSeconds;

  @Option(
      names = "--statistics-seconds",
      paramLabel = "S",
      description = "Statistics, per evaluation.")
  private Double statisticsSeconds;

  @Option(
      names = "--iteration-seconds",
      paramLabel = "S",
      description = "Training, per iteration of the configuration.")
  private Double iterationSeconds;

  @Option(
      names = "--overlapped",
      description = "Merging and statistics run while others are sampled, as in the paper.")
  private boolean overlapped;

  @Option(
      names = "--reached-at",
      split = ",",
      paramLabel = "N[@BATCH],...",
      description = "Print the speed-up if the target is reached at these iterations.")
  private List<String> reachedAt;

  @Option(
      names = "--executors",
      split = ",",
      paramLabel = "M,...",
      description = "Numbers of executors to compare; default: 2,4,8,16.")
  private List<Integer> executors;

  @Option(
      names = "--start-seconds",
      paramLabel = "S",
      description = "Until executors work; default: 30.")
  private Double startSeconds;

  @Option(
      names = "--megabytes-per-second",
      paramLabel = "MB",
      description = "At which every executor reads the window; default: 100.")
  private Double megabytesPerSecond;

  @Mixin private Assignments assignments;
  @Mixin private JsonOption json;

  @Override
  int run() throws IOException {
    RunConfig config = Overrides.read(file, assignments.list());
    if (config.lcsc() == null) {
      throw new ConfigException(file.toString(), "lcsc: missing, a plan needs its settings");
    }
    PlanFigures figures = figures();
    TrainingFigures trained = figures.training();
    int batch = Objects.requireNonNullElse(trained.batchSize(), config.training().batchSize());
    List<Point> reached = reached(config.training().batchSize());
    boolean timed = trained.hours() != null || trained.iterationSeconds() != null;
    OptionalLong known = BareNetwork.parameters(config);
    EvaluationFigures evaluation = figures.evaluation();
    Double iteration =
        iterationSeconds == null
            ? trained.iterationSeconds()
            : Double.valueOf(ofBatch(iterationSeconds, batch, config));
    Double reported = null;
    long parameters;
    if (known.isPresent() && evaluation.complete() && timed) {
      parameters = known.getAsLong();
    } else {
      Experiment experiment = Experiment.loadFor(file, config);
      parameters = experiment.newNetwork().numParams();
      MachineProbe probe = new MachineProbe(experiment);
      if (!evaluation.complete()) {
        // Else those of another machine that were given count for the report too.
        boolean own = evaluation.sampleSeconds() == null && evaluation.featureSeconds() == null;
        evaluation = evaluation.or(probe.evaluation());
        reported = own ? probe.reportedSampleSeconds() : null;
      }
      if (!timed) {
        iteration = ofBatch(probe.iterationSeconds(), batch, config);
      }
    }
    int iterations =
        Objects.requireNonNullElse(trained.iterations(), config.training().iterations());
    TrainingTime training =
        trained.hours() != null
            ? new TrainingTime(trained.hours(), iterations, batch)
            : TrainingTime.ofIteration(iteration, iterations, batch);
    StageSeconds seconds =
        new StageSeconds(
            evaluation.mergeSeconds(),
            evaluation.sampleSeconds(),
            evaluation.featureSeconds(),
            evaluation.statisticsSeconds());
    SearchCost cost =
        new SearchCost(
            seconds, overlapped || figures.overlapped(), config.lcsc().search().evaluations());
    InvalidInputException.when(
        !(cost.evaluationSeconds() > 0), "an evaluation of 0 seconds, allowed: more than 0");
    PlanReport report = new PlanReport(config, parameters, figures, cost, training, reported);
    if (json.wanted()) {
      out().print(JsonOption.of(report.json(reached)));
      return 0;
    }
    out()
        .println(
            file + ": " + (figures.source() == null ? "measured or as given" : figures.source()));
    report.print(out(), reached);
    return 0;
  }

  /** Seconds of an iteration of a batch, by those of one of the configuration. */
  private static double ofBatch(double seconds, int batch, RunConfig config) {
    return seconds * batch / config.training().batchSize();
  }

  /** The file's figures, and the options over them. */
  private PlanFigures figures() throws ConfigException {
    try {
      PlanFigures given =
          figuresFile == null ? PlanFigures.NONE : YamlConfig.read(figuresFile, PlanFigures.class);
      TrainingFigures t = given.training();
      SpreadFigures s = given.spread();
      return new PlanFigures(
          given.source(),
          new EvaluationFigures(mergeSeconds, sampleSeconds, featureSeconds, statisticsSeconds)
              .or(given.evaluation()),
          given.overlapped(),
          iterationSeconds == null
              ? t
              : new TrainingFigures(null, iterationSeconds, t.iterations(), t.batchSize()),
          new SpreadFigures(
              Objects.requireNonNullElse(startSeconds, s.startSeconds()),
              Objects.requireNonNullElse(megabytesPerSecond, s.megabytesPerSecond()),
              Objects.requireNonNullElse(executors, s.executors())));
    } catch (ConfigException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(e);
    }
  }

  private List<Point> reached(int batch) {
    try {
      return reachedAt == null
          ? List.of()
          : reachedAt.stream().map(text -> Point.parse(text, batch)).toList();
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("--reached-at: " + e.getMessage());
    }
  }
}
