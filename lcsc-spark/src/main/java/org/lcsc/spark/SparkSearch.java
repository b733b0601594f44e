package org.lcsc.spark;

import static org.lcsc.io.Text.format;
import static org.lcsc.io.Text.oneLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.experiment.CheckpointSearchRun;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.Overrides;
import org.lcsc.experiment.RunListener;
import org.lcsc.experiment.SearchOutcome;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunResults;
import org.lcsc.io.Text;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.ScoredModel;
import org.lcsc.search.SearchEvaluation;
import org.lcsc.search.SearchListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code lcsc search} with its evaluations on the executors of a Spark cluster, for {@code
 * spark-submit --class org.lcsc.spark.SparkSearch}: the same results in the same run directory.
 *
 * <p>Stateless and thread-safe.
 */
public final class SparkSearch {

  private static final Logger LOG = LoggerFactory.getLogger(SparkSearch.class);

  private SparkSearch() {}

  /** Runs the search; ends the process with its exit code where that is not 0. */
  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    JavaSparkContext[] opened = new JavaSparkContext[1];
    int code;
    try {
      code =
          execute(
              () -> {
                SparkConf conf =
                    new SparkConf()
                        .setIfMissing("spark.app.name", "lcsc search")
                        .set("spark.executorEnv.ORT_DISABLE_TELEMETRY", "1");
                opened[0] = new JavaSparkContext(conf);
                return opened[0];
              },
              new PrintWriter(System.out, true),
              new PrintWriter(System.err, true),
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
   * Runs the search.
   *
   * @param cluster is asked once the arguments have been checked
   * @return the exit code: 0, 1 where the work failed or was interrupted, 2 where the input is
   *     wrong
   */
  static int execute(
      Supplier<JavaSparkContext> cluster, PrintWriter out, PrintWriter err, String... arguments) {
    try {
      SearchOptions options = SearchOptions.parse(arguments);
      if (options.help()) {
        out.print(SearchOptions.HELP);
        out.flush();
      } else {
        Lines lines = new Lines(out, err, new AtomicBoolean());
        search(options, cluster, lines);
        // A workflow must not take for done what can be resumed.
        return lines.interrupted.get() ? 1 : 0;
      }
      return 0;
    } catch (IOException | RuntimeException e) {
      LOG.debug("the search failed", e);
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      err.println("lcsc: " + oneLine(message));
      err.flush();
      return InvalidInputException.isInput(e) ? 2 : 1;
    }
  }

  private static void search(
      SearchOptions options, Supplier<JavaSparkContext> cluster, RunListener lines)
      throws IOException {
    CheckpointSearchRun.Evaluators evaluators =
        (config, source) -> {
          JavaSparkContext spark = cluster.get();
          warnOfWaitingTasks(spark.getConf());
          return new SparkEvaluators(
              spark, new ConfiguredReplica(config.toYaml(), source), options.gradientShards());
        };
    if (options.resumed() != null) {
      CheckpointSearchRun.resume(options.resumed(), evaluators, lines);
    } else {
      CheckpointSearchRun.start(
          options.config(),
          Overrides.read(options.config(), options.assignments()),
          options.source(),
          options.overwrite(),
          evaluators,
          lines);
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

  /** Shows a search in plain lines, as the log of a cluster's job is read. */
  private record Lines(PrintWriter out, PrintWriter err, AtomicBoolean interrupted)
      implements RunListener {

    private static final int EVALUATIONS = 50;

    @Override
    public void windowOpened(RunDirectory run, CheckpointWindow window) {
      print(out, "%d checkpoints, %,d parameters", window.size(), window.parameters());
    }

    @Override
    public SearchListener searchStarted(long iteration, int budget, DoubleUnaryOperator units) {
      return new SearchListener() {
        @Override
        public void resumed(int evaluations) {
          print(err, "resumed after %d evaluations", evaluations);
        }

        @Override
        public void evaluated(SearchEvaluation evaluation) {
          int done = evaluation.index() + 1;
          if (done == 1 || done % EVALUATIONS == 0) {
            print(err, "%d evaluations, best %s", done, Text.score(evaluation.best()));
          }
        }
      };
    }

    @Override
    public void searched(SearchOutcome outcome) {
      LcscResult result = outcome.result();
      for (ScoredModel model : new ScoredModel[] {result.emaStar(), result.lcsc()}) {
        print(
            out,
            "%s: validation %s, fresh %s",
            model.label(),
            Text.score(model.validationScore()),
            model.reportScores());
      }
      print(out, "%s", result.verdict().text());
    }

    @Override
    public void finished(RunDirectory run, RunResults results, LcscResult best) {
      print(out, "results: %s", run.resultsJson());
    }

    @Override
    public void interrupted(RunDirectory run, long iteration, boolean resumable) {
      interrupted.set(true);
      print(err, "interrupted before the search was done, --resume %s continues", run);
    }

    private static void print(PrintWriter to, String format, Object... arguments) {
      to.println("lcsc: " + format(format, arguments));
      to.flush();
    }
  }
}
