package org.lcsc.spark;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.cli.Main;
import org.lcsc.cli.command.CheckpointOptions;
import org.lcsc.cli.command.RunOptions;
import org.lcsc.experiment.CheckpointSearchRun;
import org.lcsc.experiment.CheckpointSource;
import org.lcsc.experiment.CommandFailure;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.SearchSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code lcsc search} with its evaluations on the executors of a Spark cluster, for {@code
 * spark-submit --class org.lcsc.spark.SparkSearch}: the same results in the same run directory.
 *
 * <p>Not thread-safe.
 */
@Command(
    name = SparkSearch.NAME,
    description = {
      "Search the checkpoints of a training that is over, on a Spark cluster.",
      "Configuration, checkpoints and data must have the same paths on every machine; the"
          + " output is written by the driver."
    })
public final class SparkSearch implements Callable<Integer> {

  static final String NAME = "spark-search";

  private static final Logger LOG = LoggerFactory.getLogger(SparkSearch.class);

  @Mixin private RunOptions options;
  @Mixin private CheckpointOptions checkpoints;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The run directory; default: output of the configuration.")
  private Path out;

  @Option(
      names = "--gradient-shards",
      paramLabel = "N",
      defaultValue = "16",
      description = {
        "The most parts of a gradient's samples, at least the number of executors.",
        "Gradients differ in their last bits with another number: give it again with --resume."
            + " Default: ${DEFAULT-VALUE}."
      })
  private int gradientShards;

  @Spec private CommandSpec spec;

  private final Supplier<JavaSparkContext> cluster;

  private SparkSearch(Supplier<JavaSparkContext> cluster) {
    this.cluster = cluster;
  }

  /** Runs the search; ends the process with its exit code where that is not 0. */
  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    JavaSparkContext[] opened = new JavaSparkContext[1];
    int code;
    try {
      code =
          execute(
              commandLine(
                  () -> {
                    SparkConf conf =
                        new SparkConf()
                            .setIfMissing("spark.app.name", "lcsc search")
                            .set("spark.executorEnv.ORT_DISABLE_TELEMETRY", "1");
                    opened[0] = new JavaSparkContext(conf);
                    return opened[0];
                  }),
              arguments);
    } finally {
      if (opened[0] != null) {
        opened[0].close();
      }
    }
    // On YARN an exit of 0 from here would count as a failure.
    if (code != 0) {
      System.exit(code);
    }
  }

  /**
   * The command line of lcsc with this command.
   *
   * @param cluster asked once the arguments have been checked
   */
  static CommandLine commandLine(Supplier<JavaSparkContext> cluster) {
    return Main.commandLine().addSubcommand(new SparkSearch(cluster));
  }

  static int execute(CommandLine commandLine, String... arguments) {
    return commandLine.execute(
        Stream.concat(Stream.of(NAME), Stream.of(arguments)).toArray(String[]::new));
  }

  @Override
  public Integer call() throws IOException {
    if (gradientShards < 1) {
      throw CommandFailure.badInput(
          "--gradient-shards: out of range (" + gradientShards + "), allowed: at least 1");
    }
    Path resumed = options.resumed(!checkpoints.isEmpty() || out != null);
    if (resumed == null) {
      begin();
    } else {
      try (RunDirectory run = RunDirectory.resumeSearch(resumed, 0)) {
        RunConfig config = run.readConfig();
        CheckpointSource source = CheckpointOptions.source(run.readSource(), config);
        Experiment experiment = Experiment.loadFor(run.config(), config);
        search(experiment, source, experiment.newNetwork(), run);
      }
    }
    return 0;
  }

  private void begin() throws IOException {
    SearchSource named = checkpoints.source();
    RunConfig config = options.readSearchWith(output());
    CheckpointSource source = CheckpointOptions.source(named, config);
    Experiment experiment = Experiment.loadFor(options.file(), config);
    ComputationGraph network = experiment.newNetwork();
    long bytes = CheckpointSearchRun.bytes(experiment, network);
    try (RunDirectory run =
        RunDirectory.create(config.outputDirectory(), config, named, options.overwrite(), bytes)) {
      search(experiment, source, network, run);
    }
  }

  private void search(
      Experiment experiment, CheckpointSource source, ComputationGraph network, RunDirectory run)
      throws IOException {
    JavaSparkContext spark = cluster.get();
    warnOfWaitingTasks(spark.getConf());
    ConfiguredReplica replica = new ConfiguredReplica(experiment.config().toYaml(), source);
    PrintWriter results = spec.commandLine().getOut();
    PrintWriter progress = spec.commandLine().getErr();
    new CheckpointSearchRun(experiment, source::open, run, results, progress)
        .evaluator(new SparkEvaluators(spark, replica, gradientShards))
        .run(network);
  }

  private List<String> output() {
    // Quoted: a path may look like another YAML value.
    return out == null
        ? List.of()
        : List.of("output='" + out.toAbsolutePath().toString().replace("'", "''") + "'");
  }

  /** An executor has one network: a second task of its would hold a core and wait. */
  private static void warnOfWaitingTasks(SparkConf conf) {
    int cores = conf.getInt("spark.executor.cores", 1);
    int perTask = conf.getInt("spark.task.cpus", 1);
    if (cores > perTask) {
      LOG.warn(
          "executors have {} cores for tasks of {}: an executor evaluates one candidate at a time,"
              + " set spark.task.cpus to {} and OMP_NUM_THREADS likewise",
          cores,
          perTask,
          cores);
    }
  }
}
