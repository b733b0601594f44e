package org.lcsc.cli.sweep;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.deeplearning4j.arbiter.optimize.api.Candidate;
import org.lcsc.cli.output.TextTable;
import org.lcsc.experiment.Interruption;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.run.RunLock;
import org.lcsc.export.Versions;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Text;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a study. Candidates that are done are skipped and those left unfinished are continued: grids
 * and random draws repeat the same candidates whatever was interrupted, and so does the genetic
 * algorithm with one thread, since it meets the same scores in the same order. Not thread-safe.
 */
public final class SweepRun {

  private static final Logger LOG = LoggerFactory.getLogger(SweepRun.class);
  private static final Duration GRACE = Duration.ofMinutes(3);

  private final Study study;
  private final Path root;
  private final PrintWriter out;
  private final PrintWriter err;

  /** One at a time of equal candidates, which share a directory. */
  private final Map<String, Object> locks = new ConcurrentHashMap<>();

  /**
   * By id and labels, in the order of their ends, those of earlier calls at their turn: points that
   * mean the same have one result, and a row each.
   */
  private final Map<List<Object>, CandidateResult> results = new LinkedHashMap<>();

  private int ended;

  /** A candidate that ended; without a result where it was interrupted. */
  private record Ended(Candidate<?> candidate, CandidateResult result, boolean before) {}

  /**
   * A run.
   *
   * @param out the tables
   * @param err a line for each candidate
   */
  public SweepRun(Study study, PrintWriter out, PrintWriter err) {
    this.study = study;
    this.root = Path.of(study.output());
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
    new StudyConfigurations(study).check();
    Files.createDirectories(root);
    ExecutorService threads = Executors.newFixedThreadPool(study.threads());
    try (RunLock lock = RunLock.acquire(root);
        Interruption interruption =
            Interruption.listen(
                GRACE, () -> err.println("lcsc: stopping, the same command continues ..."))) {
      runAll(work, new ExecutorCompletionService<>(threads), interruption::requested);
      if (!results.isEmpty()) {
        print();
      }
      if (interruption.requested()) {
        throw new CancellationException("interrupted, the same command continues");
      }
    } finally {
      threads.shutdownNow();
    }
    return (int) results.values().stream().filter(CandidateResult::failed).count();
  }

  private void runAll(
      CandidateWork work, CompletionService<Ended> threads, BooleanSupplier interrupted)
      throws IOException {
    Candidates candidates = new Candidates(study);
    long start = System.nanoTime();
    int running = 0;
    while (true) {
      while (running < study.threads()
          && candidates.hasNext()
          && !interrupted.getAsBoolean()
          && !terminated((System.nanoTime() - start) / 3.6e12)) {
        Candidate<?> candidate = candidates.next();
        threads.submit(() -> attempt(work, candidate, interrupted));
        running++;
      }
      if (running == 0) {
        return;
      }
      Ended end = next(threads);
      running--;
      CandidateResult result = end.result();
      boolean scored = result != null && Double.isFinite(result.score());
      candidates.scored(end.candidate(), scored ? result.score() : null);
      if (result != null) {
        results.put(List.of(result.id(), result.labels()), result);
        new SweepTables(study, List.copyOf(results.values())).writeCsv(root.resolve("results.csv"));
        report(end, candidates.most());
      }
    }
  }

  private boolean terminated(double hours) {
    Study.Termination t = study.termination();
    return t.hours() != null && hours >= t.hours()
        || t.score() != null
            && results.values().stream().anyMatch(result -> result.score() <= t.score());
  }

  private static Ended next(CompletionService<Ended> threads) throws IOException {
    try {
      return threads.take().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }

  /** Reads or makes a candidate's result; one candidate's mistake is not the others'. */
  private Ended attempt(CandidateWork work, Candidate<?> candidate, BooleanSupplier interrupted)
      throws IOException {
    SweepPoint point = Candidates.point(candidate);
    long start = System.nanoTime();
    String id = "invalid-" + Integer.toHexString(point.hashCode());
    try {
      id = work.id(point);
      synchronized (locks.computeIfAbsent(id, key -> new Object())) {
        CandidateResult result = CandidateResult.read(file(id));
        boolean before = work.isDone(result, point);
        if (!before) {
          result = work.run(id, point, file(id).getParent());
          result.write(file(id));
        }
        return new Ended(candidate, result.under(point.labels(), study.score()), before);
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("candidate {} failed", point.labels(), e);
      if (interrupted.getAsBoolean() || e instanceof CancellationException) {
        return new Ended(candidate, null, false);
      }
      String reason = String.valueOf(e.getMessage());
      double seconds = (System.nanoTime() - start) * 1e-9;
      CandidateResult result =
          new CandidateResult(
              id,
              point.labels(),
              Double.NaN,
              seconds,
              Map.of(),
              List.of(),
              reason,
              Versions.current());
      result.write(file(id));
      return new Ended(candidate, result, false);
    }
  }

  private Path file(String id) {
    return root.resolve("candidates").resolve(id).resolve("candidate.json");
  }

  private void report(Ended end, int most) {
    CandidateResult result = end.result();
    List<String> values = new ArrayList<>();
    for (int i = 0; i < study.axes().size(); i++) {
      values.add(study.axes().get(i).key() + ' ' + result.labels().get(i));
    }
    String what =
        result.failed()
            ? "failed: " + result.failure()
            : study.score()
                + (Double.isFinite(result.score())
                    ? " " + Text.score(result.score())
                    : " is not finite")
                + (end.before() ? ", done before" : format(" in %.1f s", result.seconds()));
    err.printf(Locale.ROOT, "%d/%d %s: %s%n", ++ended, most, String.join(", ", values), what);
    err.flush();
  }

  private void print() throws IOException {
    SweepTables tables = new SweepTables(study, List.copyOf(results.values()));
    Map<String, TextTable> all = tables.all(root);
    Path rows = root.resolve("curves.csv");
    if (tables.writeCurves(rows)) {
      SweepCurves curves = SweepCurves.read(List.of(rows), Map.of());
      all.put("Best so far", curves.table());
      curves.write(root, "curves", "Searches by " + String.join(", ", study.keys()));
    }
    StringBuilder markdown = new StringBuilder();
    all.forEach(
        (title, table) -> {
          markdown.append(markdown.isEmpty() ? "" : "\n");
          markdown.append(TextTable.escaped(title)).append("\n\n");
          markdown.append(table.toMarkdown());
          out.println(title + "\n\n" + table.toText());
        });
    AtomicFiles.writeString(root.resolve("results.md"), markdown);
    out.println("all scores: " + root.resolve("results.csv"));
    out.flush();
  }
}
