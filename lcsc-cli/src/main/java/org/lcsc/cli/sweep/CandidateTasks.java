package org.lcsc.cli.sweep;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.deeplearning4j.arbiter.optimize.api.Candidate;
import org.deeplearning4j.arbiter.optimize.api.OptimizationResult;
import org.deeplearning4j.arbiter.optimize.api.TaskCreator;
import org.deeplearning4j.arbiter.optimize.api.data.DataProvider;
import org.deeplearning4j.arbiter.optimize.api.data.DataSource;
import org.deeplearning4j.arbiter.optimize.api.score.ScoreFunction;
import org.deeplearning4j.arbiter.optimize.runner.CandidateInfo;
import org.deeplearning4j.arbiter.optimize.runner.CandidateStatus;
import org.deeplearning4j.arbiter.optimize.runner.IOptimizationRunner;
import org.deeplearning4j.arbiter.optimize.runner.listener.StatusListener;
import org.lcsc.experiment.CommandFailure;
import org.lcsc.experiment.ExitCode;
import org.lcsc.io.Sha256;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes Arbiter's tasks: a candidate that is done is read, any other is run. Thread-safe. */
@SuppressWarnings({"rawtypes", "deprecation"}) // Arbiter's own signatures
final class CandidateTasks implements TaskCreator {

  private static final Logger LOG = LoggerFactory.getLogger(CandidateTasks.class);

  private final CandidateWork work;
  private final SweepResults results;
  private final BooleanSupplier interrupted;
  private final Watcher watcher;

  /** One at a time of equal candidates, which share a directory. */
  private final Map<String, Object> locks = new ConcurrentHashMap<>();

  /** Told of every candidate that ends. */
  interface Watcher {

    /**
     * A candidate has ended.
     *
     * @param before whether it was done by an earlier call
     */
    void ended(CandidateResult result, boolean before);
  }

  CandidateTasks(
      CandidateWork work, SweepResults results, BooleanSupplier interrupted, Watcher watcher) {
    this.work = work;
    this.results = results;
    this.interrupted = interrupted;
    this.watcher = watcher;
  }

  @Override
  public Callable<OptimizationResult> create(
      Candidate candidate,
      DataProvider data,
      ScoreFunction score,
      List<StatusListener> listeners,
      IOptimizationRunner runner) {
    return () -> task(candidate, score);
  }

  @Override
  public Callable<OptimizationResult> create(
      Candidate candidate,
      Class<? extends DataSource> data,
      Properties properties,
      ScoreFunction score,
      List<StatusListener> listeners,
      IOptimizationRunner runner) {
    return () -> task(candidate, score);
  }

  private OptimizationResult task(Candidate candidate, ScoreFunction score) throws IOException {
    SweepPoint point = (SweepPoint) candidate.getValue();
    long start = System.currentTimeMillis();
    String id = null;
    try {
      id = id(work.identity(point));
      synchronized (locks.computeIfAbsent(id, key -> new Object())) {
        CandidateResult found = results.find(id);
        CandidateResult result = found == null ? run(id, point, score) : found;
        OptimizationResult told = told(candidate, result, start);
        if (found == null) {
          told.setResultReference(results.saveModel(told, result));
        } else {
          results.took(found);
        }
        watcher.ended(result, found != null);
        return told;
      }
    } catch (IOException | RuntimeException e) {
      // One candidate's mistake is not the others'.
      LOG.debug("candidate {} failed", point.labels(), e);
      boolean stopped =
          interrupted.getAsBoolean()
              || e instanceof CancellationException
              || e instanceof CommandFailure failure && failure.exitCode() == ExitCode.INTERRUPTED;
      CandidateResult result =
          new CandidateResult(
              id == null ? id(point.toString()) : id,
              point.labels(),
              Double.NaN,
              (System.currentTimeMillis() - start) * 1e-3,
              Map.of(),
              stopped ? "interrupted" : String.valueOf(e.getMessage()));
      if (!stopped) {
        results.add(result);
        watcher.ended(result, false);
      }
      return told(candidate, result, start);
    }
  }

  private CandidateResult run(String id, SweepPoint point, ScoreFunction score) throws IOException {
    long start = System.nanoTime();
    Map<String, Double> scores = work.run(point, results.directory(id));
    double seconds = (System.nanoTime() - start) * 1e-9;
    double ranked = score.score(scores, (DataProvider) null, null);
    return new CandidateResult(id, point.labels(), ranked, seconds, scores, null);
  }

  /** What Arbiter is told; of a candidate that failed no score. */
  private static OptimizationResult told(Candidate candidate, CandidateResult result, long start) {
    boolean failed = result.failure() != null;
    CandidateInfo info =
        new CandidateInfo(
            candidate.getIndex(),
            failed ? CandidateStatus.Failed : CandidateStatus.Complete,
            result.score(),
            start,
            start,
            System.currentTimeMillis(),
            candidate.getFlatParameters(),
            result.failure());
    return new OptimizationResult(
        candidate, failed ? null : result.score(), candidate.getIndex(), result, info, null);
  }

  /** A short name of a text. */
  private static String id(String text) {
    return Sha256.of(text).substring(0, 12);
  }
}
