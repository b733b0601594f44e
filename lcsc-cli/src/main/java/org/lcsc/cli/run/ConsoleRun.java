package org.lcsc.cli.run;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongConsumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.cli.output.ProgressBar;
import org.lcsc.cli.output.SampleGrid;
import org.lcsc.cli.output.Terminal;
import org.lcsc.cli.report.LiveReport;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.RunListener;
import org.lcsc.experiment.SearchOutcome;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunResults;
import org.lcsc.export.RecipeFiles;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.NativeThreads;
import org.lcsc.listener.LcscResult;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.SearchListener;

/**
 * Shows a run on the terminal, and adds to its directory what people look at: sample grids, {@code
 * results.md}, and while a training works its report. Not thread-safe.
 */
public final class ConsoleRun implements RunListener {

  private final PrintWriter out;
  private final PrintWriter err;
  private ProgressBar bar;
  private DoubleUnaryOperator units = score -> score;
  private LiveReport report;

  /**
   * A console.
   *
   * @param out the results
   * @param err progress and warnings
   */
  public ConsoleRun(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public void loading(Path file, RunConfig config) {
    config.warnings().forEach(w -> err.println("lcsc: " + file + ": warning: " + w));
    err.flush();
  }

  @Override
  public LongConsumer featuresStarted(String what, int images) {
    return ProgressBar.features(err).featuresStarted(what, images);
  }

  @Override
  public void teacherMissing(Path teacher, Path config) {
    print("teacher: %s is missing, training %s%n", teacher, config);
  }

  @Override
  public void withoutState() {
    print("no state was saved, the run begins anew%n");
  }

  @Override
  public void trainingStarted(
      Experiment experiment, ComputationGraph network, RunDirectory run, int iteration) {
    int iterations = experiment.config().training().iterations();
    print(
        "%s: %d images %s, %,d parameters, %d iterations of %d, native threads: %d%n",
        experiment.images().name(),
        experiment.images().size(),
        experiment.images().shape(),
        network.numParams(),
        iterations,
        experiment.config().training().batchSize(),
        NativeThreads.count());
    if (iteration > 0) {
      print("resumed at iteration %d%n", iteration);
    }
    bar =
        new ProgressBar(
            err, Terminal.detect(), "training", "it", iteration, iterations, System::nanoTime);
    report = LiveReport.start(run);
  }

  @Override
  public void updated(int iteration, double loss) {
    if (Double.isNaN(loss)) {
      bar.advance(1);
    } else {
      bar.update(iteration, format("loss %.4f", loss));
    }
  }

  @Override
  public void windowOpened(RunDirectory run, CheckpointWindow window) {
    long[] iterations = window.iterations();
    print(
        "%d checkpoints of iterations %d to %d, %,d parameters, native threads: %d%n",
        iterations.length,
        iterations[0],
        iterations[iterations.length - 1],
        window.parameters(),
        NativeThreads.count());
  }

  @Override
  public SearchListener searchStarted(long iteration, int budget, DoubleUnaryOperator units) {
    this.units = units;
    return new SearchProgressBar(err, iteration, budget, units);
  }

  @Override
  public void searched(SearchOutcome outcome) throws IOException {
    LcscResult result = outcome.result();
    Path grid = outcome.run().samples("compare-" + result.iteration());
    SampleGrid.fitting((int) outcome.lcsc().size(0), (int) outcome.lcsc().size(2))
        .writeSideBySide(
            grid,
            List.of(
                new SampleGrid.Captioned(
                    "EMA* (" + result.emaStar().label() + ")", outcome.emaStar()),
                new SampleGrid.Captioned("LCSC", outcome.lcsc())));
    print(
        "%nIteration %d, %s%n%s%s%s%n%s%ssamples: %s%n",
        result.iteration(),
        ResultTable.stages(result, units),
        ResultTable.of(result, units).toText(),
        ResultTable.leftOut(result),
        result.verdict() == null ? "" : result.verdict().text(units),
        ResultTable.ranges(result, outcome.ranges()),
        result.diverged() ? "the training has diverged\n" : "",
        grid);
    if (bar != null) {
      bar.skip();
      report.refresh();
    }
  }

  @Override
  public void found(LcscResult result) {
    print(
        "%nIteration %d%n%s%s",
        result.iteration(), ResultTable.of(result, units).toText(), ResultTable.leftOut(result));
  }

  @Override
  public void finishing(RunDirectory run, List<LcscResult> searches, TimeRanges ranges)
      throws IOException {
    StringBuilder text = new StringBuilder();
    for (LcscResult result : searches) {
      text.append("Iteration ")
          .append(result.iteration())
          .append(", ")
          .append(ResultTable.stages(result, units))
          .append("\n\n")
          .append(ResultTable.of(result, units).toMarkdown())
          .append('\n')
          .append(ResultTable.leftOut(result))
          .append(result.screenedOut() == 0 ? "" : "\n")
          .append(result.verdict() == null ? "" : result.verdict().text(units) + "\n\n")
          .append(ResultTable.ranges(result, ranges));
    }
    AtomicFiles.writeString(run.resultsMarkdown(), text);
  }

  @Override
  public void finished(RunDirectory run, RunResults results, LcscResult best) {
    if (results.stopped() != null) {
      print("stopped: %s%n", results.stopped());
    }
    if (best != null) {
      print(
          "best: %s of iteration %d in %s%n",
          best.best().label(),
          best.iteration(),
          run.hasBestRanges()
              ? RecipeFiles.range(run.bestRecipe(), 0)
                  + " and following, recipe "
                  + run.bestRecipe()
              : run.bestModel());
    }
  }

  @Override
  public void stopping() {
    err.println("lcsc: stopping ...");
    err.flush();
  }

  @Override
  public void interrupted(RunDirectory run, long iteration, boolean resumable) {
    String command = run.isSearch() ? "search" : "train";
    err.println(
        "lcsc: interrupted "
            + (run.isSearch()
                ? "before the search was done"
                : "at iteration " + iteration + ", the averages so far are in " + run.averages())
            + (resumable ? "; 'lcsc " + command + " --resume " + run + "' continues" : ""));
    err.flush();
  }

  @Override
  public void ended() {
    if (bar != null) {
      bar.close();
      report.close();
    }
  }

  private void print(String format, Object... arguments) {
    out.printf(Locale.ROOT, format, arguments);
    out.flush();
  }
}
