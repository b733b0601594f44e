package org.lcsc.cli.sweep;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.arbiter.optimize.api.termination.MaxTimeCondition;
import org.deeplearning4j.arbiter.optimize.api.termination.TerminationCondition;
import org.deeplearning4j.arbiter.optimize.config.OptimizationConfiguration;
import org.deeplearning4j.arbiter.optimize.runner.IOptimizationRunner;
import org.deeplearning4j.arbiter.optimize.runner.LocalOptimizationRunner;
import org.lcsc.cli.output.TextTable;
import org.lcsc.experiment.Interruption;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.io.AtomicFiles;

/**
 * Runs a study through Arbiter's local runner. Candidates that are done are skipped and those left
 * in the midst go on: grids and random draws repeat the same candidates whatever was interrupted,
 * and so does the genetic algorithm with one thread, since it meets the same scores in the same
 * order. Not thread-safe.
 */
public final class SweepRun {

  private static final Duration GRACE = Duration.ofMinutes(3);

  private final Study study;
  private final PrintWriter out;
  private final PrintWriter err;
  private int ended;

  /**
   * A run.
   *
   * @param out the tables
   * @param err a line for each candidate
   */
  public SweepRun(Study study, PrintWriter out, PrintWriter err) {
    this.study = study;
    this.out = out;
    this.err = err;
  }

  /**
   * Runs what is not done yet, and prints the tables.
   *
   * @return candidates that failed
   * @throws org.lcsc.config.ConfigException where a grid's values make no configuration
   * @throws InvalidInputException where the study was interrupted
   */
  public int run() throws IOException {
    CandidateWork work = new CandidateWork(study);
    if (study.generator().kind() == Study.Generator.Kind.GRID) {
      checkGrid(work);
    }
    Path root = Path.of(study.output());
    Files.createDirectories(root);
    SweepResults results = new SweepResults(study, root);
    NamedScore score = new NamedScore(study.score());
    LimitedGenerator generator = Generators.of(study, score);
    try (Interruption interruption =
        Interruption.listen(
            GRACE, () -> err.println("lcsc: stopping, the same command continues ..."))) {
      List<TerminationCondition> conditions = new ArrayList<>();
      conditions.add(generator.exhausted());
      conditions.add(when("interrupted", runner -> interruption.requested()));
      if (study.termination().hours() != null) {
        conditions.add(
            new MaxTimeCondition(
                Math.round(study.termination().hours() * 3_600_000), TimeUnit.MILLISECONDS));
      }
      if (study.termination().score() != null) {
        conditions.add(
            when(
                "score",
                runner ->
                    runner.bestScore() != null
                        && runner.bestScore() <= study.termination().score()));
      }
      OptimizationConfiguration configuration =
          new OptimizationConfiguration.Builder()
              .candidateGenerator(generator)
              .modelSaver(results)
              .scoreFunction(score)
              .terminationConditions(conditions)
              .build();
      CandidateTasks tasks =
          new CandidateTasks(
              work,
              results,
              interruption::requested,
              (result, before) -> tell(result, before, generator.most()));
      // Ends by waiting for the running candidates.
      new LocalOptimizationRunner(study.threads(), configuration, tasks).execute();
      print(results, root);
      if (interruption.requested()) {
        throw new CancellationException("interrupted, the same command continues");
      }
    }
    return (int) results.all().stream().filter(r -> r.failure() != null).count();
  }

  /** Every combination must make a configuration before the first is run. */
  private void checkGrid(CandidateWork work) throws IOException {
    List<List<Axis.Value>> points = new ArrayList<>(List.of(List.of()));
    for (Axis axis : study.axes()) {
      List<List<Axis.Value>> longer = new ArrayList<>();
      for (List<Axis.Value> point : points) {
        for (Axis.Value value : axis.listed()) {
          List<Axis.Value> next = new ArrayList<>(point);
          next.add(value);
          longer.add(next);
        }
      }
      points = longer;
    }
    for (List<Axis.Value> point : points) {
      work.check(SweepPoint.of(point));
    }
  }

  private interface Until {
    boolean reached(IOptimizationRunner runner);
  }

  private static TerminationCondition when(String name, Until until) {
    return new TerminationCondition() {
      @Override
      public void initialize(IOptimizationRunner runner) {
        // Asked only.
      }

      @Override
      public boolean terminate(IOptimizationRunner runner) {
        return until.reached(runner);
      }

      @Override
      public String toString() {
        return name;
      }
    };
  }

  private synchronized void tell(CandidateResult result, boolean before, int most) {
    StringBuilder values = new StringBuilder();
    for (int i = 0; i < study.axes().size(); i++) {
      values
          .append(i == 0 ? "" : ", ")
          .append(study.axes().get(i).key())
          .append(' ')
          .append(result.labels().get(i));
    }
    err.printf(
        Locale.ROOT,
        "%d/%d %s: %s%n",
        ++ended,
        most,
        values,
        result.failure() != null
            ? "failed: " + result.failure()
            : String.format(
                Locale.ROOT,
                "%s %.3f%s",
                study.score(),
                result.score(),
                before
                    ? ", done before"
                    : String.format(Locale.ROOT, " in %.1f s", result.seconds())));
    err.flush();
  }

  private void print(SweepResults results, Path root) throws IOException {
    List<CandidateResult> all = results.all();
    if (all.isEmpty()) {
      return;
    }
    SweepTables tables = new SweepTables(study, all);
    TextTable ranking = results.ranking();
    TextTable pivot = tables.pivot();
    TextTable cross = tables.cross();
    String title =
        String.format(
            Locale.ROOT, "%d candidates, %s, smaller is better", all.size(), study.score());
    StringBuilder markdown = new StringBuilder();
    markdown.append(title).append("\n\n").append(ranking.toMarkdown());
    out.println(title + "\n\n" + ranking.toText());
    String over =
        study.over().isEmpty()
            ? "By axes"
            : "By axes, mean and standard deviation over " + String.join(", ", study.over());
    markdown.append('\n').append(over).append("\n\n").append(pivot.toMarkdown());
    out.println(over + "\n\n" + pivot.toText());
    if (cross != null) {
      markdown.append('\n').append(study.score()).append("\n\n").append(cross.toMarkdown());
      out.println(study.score() + "\n\n" + cross.toText());
    }
    StageTables stages = new StageTables(study, results);
    if (!stages.isEmpty()) {
      stages.writeCsv(root.resolve("stages.csv"));
      String heading = "By stages of the training";
      markdown.append('\n').append(heading).append("\n\n").append(stages.table().toMarkdown());
      out.println(heading + "\n\n" + stages.table().toText());
      out.println("all models at all stages: " + root.resolve("stages.csv"));
    }
    AtomicFiles.writeString(root.resolve("results.md"), markdown);
    out.println("all scores: " + root.resolve("results.csv"));
    out.flush();
  }
}
