package org.lcsc.spark;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.cli.CommandFailure;
import org.lcsc.cli.Main;
import org.lcsc.cli.config.RunConfig;
import org.lcsc.cli.experiment.CheckpointSearchRun;
import org.lcsc.cli.experiment.CheckpointSource;
import org.lcsc.cli.experiment.Experiment;
import org.lcsc.cli.experiment.Overrides;
import org.lcsc.cli.run.RunDirectory;
import org.lcsc.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
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

  @Parameters(paramLabel = "CONFIG", description = "The YAML file.")
  private Path file;

  @Option(
      names = "--checkpoints",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the checkpoints, or the file of a saved window.")
  private Path directory;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The run directory; default: output of the configuration.")
  private Path out;

  @Option(names = "--newest", paramLabel = "N", description = "Use only the newest N.")
  private Integer newest;

  @Option(
      names = "--epochs",
      description = "The CheckpointListener saved at the ends of epochs, not after iterations.")
  private boolean epochs;

  @Option(
      names = "--gradient-shards",
      paramLabel = "N",
      defaultValue = "16",
      description = {
        "The most parts of a gradient's samples, at least the number of executors.",
        "Gradients differ in their last bits with another number. Default: ${DEFAULT-VALUE}."
      })
  private int gradientShards;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Replace a value of the file, for example lcsc.search.seed=2. Repeatable.")
  private List<String> assignments;

  @Option(names = "--overwrite", description = "Delete an earlier run in the output directory.")
  private boolean overwrite;

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
                    SparkConf conf = new SparkConf().setIfMissing("spark.app.name", "lcsc search");
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
    PrintWriter results = spec.commandLine().getOut();
    PrintWriter progress = spec.commandLine().getErr();
    if (gradientShards < 1) {
      throw CommandFailure.badInput(
          "--gradient-shards: out of range (" + gradientShards + "), allowed: at least 1");
    }
    RunConfig config = Overrides.read(file, allAssignments());
    if (config.lcsc() == null) {
      throw new ConfigException(file.toString(), "lcsc: missing, a search needs its settings");
    }
    CheckpointSource checkpoints = source();
    Experiment experiment = Experiment.loadFor(file, config);
    ComputationGraph network = experiment.newNetwork();
    try (RunDirectory run =
        RunDirectory.create(
            config.outputDirectory(),
            config,
            checkpoints.toSearchSource(),
            overwrite,
            3L * Float.BYTES * network.numParams())) {
      JavaSparkContext spark = cluster.get();
      warnOfWaitingTasks(spark.getConf());
      new CheckpointSearchRun(experiment, checkpoints::open, run, results, progress)
          .evaluator(
              new SparkEvaluators(
                  spark, new ConfiguredReplica(config.toYaml(), checkpoints), gradientShards))
          .run(network);
    }
    return 0;
  }

  private List<String> allAssignments() {
    List<String> all = new ArrayList<>(assignments == null ? List.of() : assignments);
    if (out != null) {
      // Quoted: a path may look like another YAML value.
      all.add("output='" + out.toAbsolutePath().toString().replace("'", "''") + "'");
    }
    return all;
  }

  private CheckpointSource source() {
    try {
      CheckpointSource source =
          new CheckpointSource(
              directory.toAbsolutePath().toString(), newest == null ? 0 : newest, epochs);
      source.check();
      return source;
    } catch (IOException | IllegalArgumentException e) {
      throw CommandFailure.badInput(List.of(e));
    }
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
