package org.lcsc.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.experiment.CheckpointSearchRun;
import org.lcsc.experiment.CheckpointSource;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.Overrides;
import org.lcsc.experiment.RunListener;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.output.CsvReader;
import org.lcsc.export.Recipe;
import org.lcsc.model.CheckpointDirectory;
import org.lcsc.objective.Objective;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.CheckpointSearch;
import org.lcsc.search.SearchBudget;
import org.lcsc.search.SearchResult;
import org.lcsc.search.evaluation.Evaluator;
import org.lcsc.search.evaluation.EvaluatorFactory;
import org.lcsc.search.evaluation.LocalEvaluator;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.search.strategy.GradientSearch;
import org.lcsc.search.strategy.SearchDirections;
import org.lcsc.search.strategy.SearchStrategy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Searches on a cluster of two workers, each executor a process of its own. */
class SparkSearchTest {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model:
        kind: diffusion
        unet: { channels: 4, multipliers: [1], blocks: 1 }
      training: { iterations: 24, batchSize: 16, learningRate: 2.0e-3, gradientClip: 1.0, seed: 3 }
      sampler: { kind: dpm-solver++, order: 2, steps: 3, batchSize: 20 }
      ema: { rates: [0.95] }
      lcsc:
        window: 16
        interval: 2
        searchAt: [24]
        search: { evaluations: 40, samples: 80, seed: 7, strategy: gradient }
        validation: { samples: 40, seed: 8 }
        report: { samples: 40, seed: 9 }
      output: '%s'
      """;

  @TempDir static Path directory;
  private static Path config;
  private static CheckpointSource checkpoints;
  private static JavaSparkContext spark;

  private static Experiment experiment;
  private static ComputationGraph network;
  private static CheckpointWindow window;

  @BeforeAll
  static void saveCheckpointsAndStartACluster() throws IOException {
    config = directory.resolve("config.yaml");
    Files.writeString(config, CONFIG.formatted(directory.resolve("run")));
    RunConfig run = RunConfig.read(config);
    experiment = Experiment.load(run);
    network = experiment.newNetwork();
    Path saved = directory.resolve("checkpoints");
    Random random = new Random(3);
    INDArray walk = network.params().dup();
    for (int iteration = 2; iteration <= 24; iteration += 2) {
      float[] step = new float[(int) walk.length()];
      for (int i = 0; i < step.length; i++) {
        step[i] = 0.02f * (float) random.nextGaussian();
      }
      walk.addi(Nd4j.createFromArray(step).reshape(walk.shape()));
      network.setParams(walk);
      CheckpointDirectory.save(saved, network, iteration);
    }
    checkpoints = new CheckpointSource(saved.toString(), null, 8, false);
    window = checkpoints.open(network, run, directory.resolve("window.bin"));
    spark = cluster();
  }

  private static JavaSparkContext cluster() throws IOException {
    // Where workers look for Spark's jars; the executors get this process's class path instead.
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    return new JavaSparkContext(
        new SparkConf()
            .setAppName("lcsc test")
            .setMaster("local-cluster[2,1,600]")
            .set("spark.executor.memory", "600m")
            .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .set(
                "spark.executor.extraJavaOptions",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0 -XX:+UseSerialGC"
                    + " -XX:TieredStopAtLevel=1")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.driver.bindAddress", "127.0.0.1")
            .set("spark.local.dir", directory.resolve("spark").toString())
            .set("spark.ui.enabled", "false"));
  }

  @AfterAll
  static void stop() {
    if (spark != null) {
      spark.close();
    }
    if (window != null) {
      window.close();
    }
  }

  private static ConfiguredReplica replicas() {
    return new ConfiguredReplica(experiment.config().toYaml(), checkpoints);
  }

  private static double[][] starts() {
    long[] iterations = window.iterations();
    return new double[][] {
      EmaCoefficients.of(0.5, iterations), EmaCoefficients.of(0.95, iterations)
    };
  }

  private static Objective objective() throws IOException {
    return experiment.searched(network, experiment.config().lcsc().search());
  }

  private static SearchResult search(
      SearchStrategy strategy, int evaluations, EvaluatorFactory evaluators) throws IOException {
    return CheckpointSearch.builder(CheckpointMerger.of(window), strategy, objective())
        .budget(SearchBudget.ofEvaluations(evaluations))
        .validation(experiment.objective(network, 8, 40, TimeRanges.ONE))
        .finalists(2)
        .mergeRows(3)
        .evaluator(evaluators)
        .build()
        .run();
  }

  private static SearchStrategy evolution() {
    return new EvolutionarySearch(starts(), 7);
  }

  private static SearchStrategy gradients() {
    return new GradientSearch(
        SearchDirections.coefficients(window.size(), 1),
        starts(),
        GradientSearch.Parameters.DEFAULTS);
  }

  /** Kills the process of an executor as it begins a task, and counts what Spark does. */
  private static final class Killer extends SparkListener {

    private final int at;
    private final Map<String, Long> pids = pids();
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private boolean killed;

    /**
     * Begins to watch.
     *
     * @param at the first task at which an executor may be killed
     */
    Killer(int at) {
      this.at = at;
      spark.sc().addSparkListener(this);
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart start) {
      Long victim = pids.get(start.taskInfo().executorId());
      if (started.incrementAndGet() >= at && !killed && victim != null) {
        killed = ProcessHandle.of(victim).orElseThrow().destroyForcibly();
      }
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
      lost.incrementAndGet();
    }

    void stop() throws TimeoutException {
      // Events arrive on a thread of their own.
      spark.sc().listenerBus().waitUntilEmpty();
      spark.sc().removeSparkListener(this);
    }
  }

  /** The processes of the executors that are there now. */
  private static Map<String, Long> pids() {
    List<Integer> tasks = IntStream.range(0, 6).boxed().toList();
    return spark
        .parallelize(tasks, tasks.size())
        .map(task -> SparkEnv.get().executorId() + ":" + ProcessHandle.current().pid())
        .collect()
        .stream()
        .distinct()
        .map(process -> process.split(":"))
        .collect(Collectors.toMap(process -> process[0], process -> Long.parseLong(process[1])));
  }

  private static void assertSame(SearchResult actual, SearchResult expected) {
    assertThat(actual.history()).containsExactly(expected.history());
    assertThat(actual.coefficients()).containsExactly(expected.coefficients());
    assertThat(actual.validationScore()).isEqualTo(expected.validationScore());
    assertThat(actual.evaluations()).isEqualTo(expected.evaluations());
  }

  @Test
  void aSearchWhoseExecutorIsKilledFindsWhatOneMachineFinds() throws IOException, TimeoutException {
    SearchResult alone = search(evolution(), 20, EvaluatorFactory.LOCAL);
    Killer killer = new Killer(4);
    SearchResult spread = search(evolution(), 20, new SparkEvaluators(spark, replicas(), 1));
    killer.stop();
    assertSame(spread, alone);
    assertThat(killer.lost).as("executors lost").hasValue(1);
    int needed = 20 + spread.candidates().size();
    assertThat(killer.started.get())
        .as("tasks: candidates, those validated, and what the executor was at")
        .isBetween(needed, needed + 2);
  }

  @Test
  void aGradientSearchWhoseExecutorIsKilledFindsWhatOneMachineFinds()
      throws IOException, TimeoutException {
    SearchResult alone = search(gradients(), 22, LocalEvaluator.factory(4));
    Killer killer = new Killer(13);
    SearchResult spread = search(gradients(), 22, new SparkEvaluators(spark, replicas(), 4));
    killer.stop();
    assertSame(spread, alone);
    assertThat(alone.gradients()).isGreaterThanOrEqualTo(4);
    assertThat(killer.lost).as("executors lost").hasValue(1);
  }

  @Test
  void partsOfAGradientSumToTheGradientUpToRounding() throws IOException {
    EvaluatorFactory.Setting setting =
        new EvaluatorFactory.Setting(CheckpointMerger.of(window), objective(), null, 3);
    double[] candidate = starts()[0];
    try (Evaluator whole = new LocalEvaluator(setting, 1);
        Evaluator parts = new LocalEvaluator(setting, 4);
        Evaluator oneTask = new SparkEvaluators(spark, replicas(), 1).create(setting);
        Evaluator spread = new SparkEvaluators(spark, replicas(), 4).create(setting)) {
      for (long draw = 0; draw < 2; draw++) {
        Evaluator.Gradient expected = whole.differentiate(candidate, draw, 1);
        Evaluator.Gradient inParts = parts.differentiate(candidate, draw, 1);
        double largest = Arrays.stream(expected.slopes()).map(Math::abs).max().orElseThrow();
        assertThat(inParts.slopes()).containsExactly(expected.slopes(), within(1e-5 * largest));
        assertThat(inParts.evaluation().score()).isEqualTo(expected.evaluation().score());
        assertThat(oneTask.differentiate(candidate, draw, 1).slopes())
            .containsExactly(expected.slopes());
        Evaluator.Gradient onExecutors = spread.differentiate(candidate, draw, 1);
        assertThat(onExecutors.slopes()).containsExactly(inParts.slopes());
        assertThat(onExecutors.evaluation().score()).isEqualTo(expected.evaluation().score());
        assertThat(onExecutors.evaluation().seconds().sampling()).isPositive();
      }
    }
  }

  @Test
  void anExecutorWithOtherCheckpointsIsRefused() {
    ConfiguredReplica others =
        new ConfiguredReplica(
            experiment.config().toYaml(), new CheckpointSource(checkpoints.path(), null, 5, false));
    assertThatThrownBy(() -> search(evolution(), 20, new SparkEvaluators(spark, others, 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("this executor has other checkpoints than the driver: 5 checkpoints")
        .hasMessageContaining("expected 8 checkpoints of iterations")
        .message()
        .hasLineCount(1);
  }

  private static final String[] SETTINGS = {
    "--set",
    "lcsc.search={evaluations: 14, samples: 40, seed: 7,"
        + " strategy: {kind: evolution, childrenPerGeneration: 4}}"
  };

  private static String[] begin(Path out) {
    return joined(
        new String[] {config.toString(), "--checkpoints", checkpoints.path(), "--newest", "8"},
        SETTINGS,
        "--set",
        "output=" + out);
  }

  /** On one machine. */
  private static Path alone(String name) throws IOException {
    Path run = directory.resolve(name);
    SearchOptions options = SearchOptions.parse(begin(run));
    CheckpointSearchRun.start(
        config,
        Overrides.read(config, options.assignments()),
        options.source(),
        false,
        CheckpointSearchRun.Evaluators.LOCAL,
        RunListener.NONE);
    return run;
  }

  /** On the cluster. */
  private static int spread(StringWriter err, String... arguments) {
    return spread(() -> spark, err, arguments);
  }

  private static int spread(
      Supplier<JavaSparkContext> cluster, StringWriter err, String... arguments) {
    return SparkSearch.execute(
        cluster, new PrintWriter(new StringWriter()), new PrintWriter(err), arguments);
  }

  private static void assertSameRun(Path spread, Path alone) throws IOException {
    assertThat(scores(spread)).isEqualTo(scores(alone)).hasSize(15);
    assertThat(Recipe.read(spread.resolve("lcsc/24/recipe.json")).sha256())
        .isEqualTo(Recipe.read(alone.resolve("lcsc/24/recipe.json")).sha256());
  }

  @Test
  void theCommandWritesWhatTheSearchOfOneMachineWrites() throws IOException {
    Path spread = directory.resolve("spread");
    StringWriter err = new StringWriter();
    String[] arguments = {config.toString(), "--checkpoints", checkpoints.path(), "--newest", "8"};
    assertThat(spread(err, joined(arguments, SETTINGS, "--out", spread.toString())))
        .as(err.toString())
        .isZero();
    assertSameRun(spread, alone("alone"));
  }

  @Test
  void aSearchWhoseDriverFailsIsResumedToTheSameResult() throws IOException {
    Path run = directory.resolve("resumed");
    StringWriter err = new StringWriter();
    int code =
        spread(
            () -> {
              // What the search wants to write in the end, once the run has begun.
              run.resolve("lcsc/best.json").toFile().mkdirs();
              return spark;
            },
            err,
            begin(run));
    assertThat(code).as(err.toString()).isEqualTo(1);
    assertThat(err.toString()).contains("best.json", "the state is kept");
    Files.delete(run.resolve("lcsc/best.json"));

    assertThat(spread(err, "--resume", run.toString(), "--newest", "8")).isEqualTo(2);
    assertThat(err.toString()).contains("a run continues as it began");
    StringWriter resumed = new StringWriter();
    assertThat(spread(resumed, "--resume", run.toString())).as(resumed.toString()).isZero();
    assertThat(resumed.toString()).contains("resumed after 14 evaluations");
    assertSameRun(run, alone("undisturbed"));
  }

  /** Index, generation and score of every row of the search's log. */
  private static List<List<String>> scores(Path run) throws IOException {
    return CsvReader.rows(run.resolve("lcsc/24/search.csv")).stream()
        .map(row -> row.subList(0, 3))
        .toList();
  }

  private static String[] joined(String[] first, String[] second, String... third) {
    return Stream.of(first, second, third).flatMap(Arrays::stream).toArray(String[]::new);
  }

  @Test
  void mistakesAreToldBeforeTheClusterIsAskedFor() {
    StringWriter err = new StringWriter();
    int code =
        spread(
            () -> {
              throw new AssertionError("asked for the cluster");
            },
            err,
            config.toString(),
            "--checkpoints",
            directory.resolve("none").toString());
    assertThat(code).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "lcsc: checkpoint directory "
                + directory.resolve("none")
                + " does not exist"
                + System.lineSeparator());
  }

  @Test
  void wrongArgumentsAreOneLine() {
    for (String[] wrong :
        new String[][] {
          {},
          {"a.yaml", "b.yaml"},
          {"a.yaml", "--checkpoint", "x"},
          {"a.yaml", "--checkpoints"},
          {"a.yaml", "--checkpoints=x", "--newest", "many"},
          {"a.yaml", "--checkpoints=x", "--gradient-shards=0"},
          {"--resume", "run", "--overwrite"}
        }) {
      StringWriter err = new StringWriter();
      assertThat(spread(err, wrong)).as(Arrays.toString(wrong)).isEqualTo(2);
      assertThat(err.toString().lines()).as(Arrays.toString(wrong)).hasSize(1);
    }
  }
}
