package org.lcsc.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.search.evaluation.Evaluator;
import org.lcsc.search.evaluation.EvaluatorFactory;
import org.lcsc.search.strategy.GradientStrategy;
import org.lcsc.search.strategy.ScoredCoefficients;
import org.lcsc.search.strategy.SearchStrategy;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Searches the linear combination of checkpoints that scores best (LCSC paper, Eq. 7).
 *
 * <pre>{@code
 * SearchResult result =
 *     CheckpointSearch.builder(CheckpointMerger.of(window), strategy, fid)
 *         .budget(SearchBudget.ofEvaluations(2000))
 *         .validation(fidOnOtherNoise)
 *         .baselines(Map.of("ema-0.999", emaCoefficients))
 *         .state(run.resolve("state/search.bin"))
 *         .log(run.resolve("search.csv"))
 *         .build()
 *         .run();
 * }</pre>
 *
 * <p>The candidates of a generation are merged together and scored by an {@link Evaluator}, one by
 * one unless the builder names another. The search objective chooses the finalists; they and the
 * baselines are then scored on the validation objective, and the best on validation is the result,
 * so that the search's own noise does not pick what it returns and the result never loses to a
 * baseline on validation.
 *
 * <p>The same inputs give the same result to the bit, also across a kill: with a state file, at
 * most the running evaluation and those that ended in the second before are repeated. A later
 * search with a larger budget continues a finished one, but for strategies that split their budget
 * in halves ({@code gradient-evolution} and {@code greedy-soup} without numbers of their own). Not
 * thread-safe.
 */
public final class CheckpointSearch {

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointSearch.class);
  private static final double SECONDS_BETWEEN_SAVES = 1;
  private static final double NANO = 1e-9;

  private final CheckpointMerger merger;
  private final SearchStrategy strategy;
  private final Objective objective;
  private final Objective validation;
  private final SearchBudget budget;
  private final List<SearchListener> listeners;
  private final BooleanSupplier cancelled;
  private final LongSupplier nanoTime;
  private final Path stateFile;
  private final boolean restarts;
  private final Path logFile;
  private final int finalists;
  private final int mergeRows;
  private final EvaluatorFactory evaluators;
  private final SearchState.Identity identity;
  private final Screening screening;

  private final SearchProgress progress;

  /** Strategy's snapshot before the running generation. */
  private byte[] snapshot;

  private int generation;

  /** Scores of the running generation, as far as they are known. */
  private double[] scores = {};

  private double earlierSeconds;
  private long started;
  private double savedAt;

  CheckpointSearch(CheckpointSearchBuilder builder) {
    merger = builder.merger;
    strategy = builder.strategy;
    objective = builder.objective;
    validation = builder.validation;
    budget = builder.budget;
    listeners = List.copyOf(builder.listeners);
    cancelled = builder.cancelled;
    nanoTime = builder.nanoTime;
    stateFile = builder.stateFile;
    restarts = builder.restarts;
    logFile = builder.logFile;
    finalists = builder.finalists;
    mergeRows = builder.mergeRows;
    evaluators = builder.evaluators;
    boolean path = strategy instanceof GradientStrategy;
    screening = Screening.of(validation, builder.kinds);
    progress = new SearchProgress(finalists, builder.shrinkage, path, builder.baselines, screening);
    snapshot = strategy.snapshot();
    identity = SearchState.Identity.of(builder);
  }

  /**
   * A builder of a search.
   *
   * @param merger the checkpoints
   * @param strategy proposes candidates of as many coefficients as there are checkpoints, with
   *     groups of parameters as many for each
   * @param objective scores them
   */
  public static CheckpointSearchBuilder builder(
      CheckpointMerger merger, SearchStrategy strategy, Objective objective) {
    return new CheckpointSearchBuilder(merger, strategy, objective);
  }

  /**
   * Runs the search until its budget is used, or continues it: from the state file where there is
   * one, else from where an earlier call was interrupted.
   *
   * @throws SearchInterruptedException between two evaluations, once the thread is interrupted (the
   *     interrupt status stays set) or the search cancelled; the state is kept
   * @throws IllegalArgumentException where the state file is of another search
   * @throws IOException where state or log cannot be read or written
   */
  public SearchResult run() throws IOException {
    started = nanoTime.getAsLong();
    if (stateFile != null) {
      Files.createDirectories(stateDirectory());
    }
    if (stateFile != null && Files.exists(stateFile)) {
      SearchState saved = SearchState.load(stateFile);
      List<Long> lost = restarts ? identity.lost(saved.identity()) : List.of();
      if (lost.isEmpty()) {
        restore(saved);
      } else {
        LOG.warn(
            "the search starts again without the checkpoints of iterations {}: the state in {} is"
                + " of a window that had them",
            lost,
            stateFile);
      }
    }
    savedAt = elapsed();
    List<SearchListener> watching = new ArrayList<>(listeners);
    try (SearchLog log = logFile == null ? null : SearchLog.open(logFile, progress.evaluations());
        Evaluator evaluator = evaluator();
        MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      if (progress.evaluations() > 0) {
        watching.forEach(listener -> listener.resumed(progress.evaluations()));
      }
      if (log != null) {
        watching.add(log);
      }
      StopReason reason = search(evaluator, watching);
      if (strategy instanceof GradientStrategy path) {
        scoreEnd(path, evaluator, watching);
        progress.choose(path.finalists(finalists));
      }
      validate(evaluator, watching);
      save();
      SearchResult result =
          progress.result(
              strategy.name(),
              objective.name(),
              validation == null ? null : validation.name(),
              reason,
              merger.iterations(),
              elapsed());
      LOG.info(
          "Search over {} checkpoints stopped ({}) at the cost of {} evaluations, {} of {} scores not"
              + " finite: {} scores {}, on validation {}, a gap of {}",
          merger.size(),
          reason,
          result.evaluations(),
          result.nonFinite(),
          result.history().length,
          result.best().label(),
          result.searchScore(),
          result.validationScore(),
          result.gap());
      return result;
    } catch (RuntimeException | Error e) {
      try {
        save();
      } catch (IOException unsaved) {
        e.addSuppressed(unsaved);
      }
      throw e;
    } finally {
      earlierSeconds = elapsed();
      started = nanoTime.getAsLong();
    }
  }

  private Evaluator evaluator() {
    return evaluators.create(
        new EvaluatorFactory.Setting(merger, objective, validation, mergeRows, nanoTime));
  }

  private StopReason search(Evaluator evaluator, List<SearchListener> watching) throws IOException {
    while (true) {
      StopReason reason = stopReason();
      if (reason != null) {
        return reason;
      }
      double[][] candidates = strategy.ask();
      if (candidates.length == 0) {
        return StopReason.EXHAUSTED;
      }
      if (strategy instanceof GradientStrategy path && path.wantsGradient()) {
        requireNotCancelled();
        if (!affords(path)) {
          return StopReason.EVALUATIONS;
        }
        differentiate(path, evaluator, candidates[0], watching);
        continue;
      }
      evaluator.load(generation(candidates));
      while (scores.length < candidates.length) {
        reason = stopReason();
        if (reason != null) {
          return reason;
        }
        requireNotCancelled();
        evaluate(evaluator, candidates[scores.length], watching);
        saveOnceInAWhile();
      }
      strategy.tell(scores);
      snapshot = strategy.snapshot();
      scores = new double[0];
      generation++;
    }
  }

  /**
   * Whether one more gradient fits into the budget; the first always does. On a share of the
   * samples, or on other noise, enough is left to score the end as other candidates are.
   */
  private boolean affords(GradientStrategy path) {
    double reserve = path.fidelity() < 1 || path.draw() != 0 ? 1 : 0;
    return path.finalists(1).isEmpty()
        || progress.cost() + price(path) + reserve <= budget.evaluations();
  }

  /**
   * Scores where the path ends as other candidates are scored, unless it was: a search that ended
   * while it was on a share of the samples, or on other noise, keeps what it found.
   */
  private void scoreEnd(GradientStrategy path, Evaluator evaluator, List<SearchListener> watching) {
    List<double[]> end = path.finalists(1);
    if (end.isEmpty() || progress.knows(end.get(0))) {
      return;
    }
    double[][] candidates = end.toArray(double[][]::new);
    evaluator.load(new Evaluator.Generation(Evaluator.NoiseSet.SEARCH, candidates, 1, 0, 1));
    SearchEvaluation told =
        progress.evaluated(generation++, candidates[0], evaluator.evaluate(0), 1);
    watching.forEach(listener -> listener.evaluated(told));
  }

  /** What the next gradient costs, in evaluations on all samples. */
  private double price(GradientStrategy path) {
    double share = path.fidelity();
    return share * ((DifferentiableObjective) objective).onShare(share).gradientCost();
  }

  private void differentiate(
      GradientStrategy path, Evaluator evaluator, double[] candidate, List<SearchListener> watching)
      throws IOException {
    long draw = path.draw();
    double share = path.fidelity();
    double price = price(path);
    Evaluator.Gradient gradient = evaluator.differentiate(candidate, draw, share);
    Evaluation evaluation = gradient.evaluation();
    path.tell(evaluation.score(), gradient.slopes());
    snapshot = strategy.snapshot();
    SearchEvaluation told =
        progress.differentiated(
            generation++, candidate, evaluation, price, draw == 0 && share == 1);
    watching.forEach(listener -> listener.evaluated(told));
    saveOnceInAWhile();
  }

  private StopReason stopReason() {
    if (progress.best() <= budget.targetScore()) {
      return StopReason.TARGET;
    }
    if (progress.cost() >= budget.evaluations()) {
      return StopReason.EVALUATIONS;
    }
    return progress.evaluations() > 0 && elapsed() >= budget.seconds() ? StopReason.TIME : null;
  }

  /** What is left to score of a generation, as far as the budget goes. */
  private Evaluator.Generation generation(double[][] candidates) {
    double fidelity = strategy.fidelity();
    double affordable = Math.ceil((budget.evaluations() - progress.cost()) / fidelity - 1e-6);
    int left = (int) Math.min(candidates.length - scores.length, Math.max(1, affordable));
    return new Evaluator.Generation(
        Evaluator.NoiseSet.SEARCH, candidates, fidelity, scores.length, scores.length + left);
  }

  private void evaluate(Evaluator evaluator, double[] candidate, List<SearchListener> watching) {
    Evaluation evaluation = evaluator.evaluate(scores.length);
    scores = SearchProgress.appended(scores, evaluation.score());
    SearchEvaluation told =
        progress.evaluated(generation, candidate, evaluation, strategy.fidelity());
    watching.forEach(listener -> listener.evaluated(told));
  }

  private void validate(Evaluator evaluator, List<SearchListener> watching) throws IOException {
    if (validation != null) {
      screen(evaluator, watching);
    }
    // What lies between the best finalist and the best baseline is known once both are.
    while (validation != null && progress.validated() < progress.candidates().size()) {
      validate(progress.candidates(), evaluator, watching);
    }
  }

  private void screen(Evaluator evaluator, List<SearchListener> watching) throws IOException {
    List<ScoredCoefficients> screened = progress.screened();
    if (progress.screenings() == screened.size()) {
      return;
    }
    evaluator.load(
        new Evaluator.Generation(
            Evaluator.NoiseSet.VALIDATION,
            coefficients(screened),
            screening.share(),
            progress.screenings(),
            screened.size()));
    while (progress.screenings() < screened.size()) {
      requireNotCancelled();
      progress.screened(evaluator.evaluate(progress.screenings()));
      watching.forEach(
          listener -> listener.compared("averages", progress.screenings(), screened.size()));
      saveOnceInAWhile();
    }
  }

  private static double[][] coefficients(List<ScoredCoefficients> candidates) {
    return candidates.stream().map(ScoredCoefficients::coefficients).toArray(double[][]::new);
  }

  private void validate(
      List<ScoredCoefficients> candidates, Evaluator evaluator, List<SearchListener> watching)
      throws IOException {
    evaluator.load(
        new Evaluator.Generation(
            Evaluator.NoiseSet.VALIDATION,
            coefficients(candidates),
            1,
            progress.validated(),
            candidates.size()));
    while (progress.validated() < candidates.size()) {
      requireNotCancelled();
      ScoredCoefficients candidate = candidates.get(progress.validated());
      Evaluation evaluation = evaluator.evaluate(progress.validated());
      progress.validated(evaluation);
      ScoredCoefficients validated = candidate.withValidationScore(evaluation.score());
      watching.forEach(
          listener -> listener.validated(validated, progress.validated(), candidates.size()));
      saveOnceInAWhile();
    }
  }

  private void requireNotCancelled() {
    if (Thread.currentThread().isInterrupted() || cancelled.getAsBoolean()) {
      throw new SearchInterruptedException(progress.evaluations());
    }
  }

  private double elapsed() {
    return earlierSeconds + (nanoTime.getAsLong() - started) * NANO;
  }

  private void saveOnceInAWhile() throws IOException {
    if (elapsed() - savedAt >= SECONDS_BETWEEN_SAVES) {
      save();
    }
  }

  private void save() throws IOException {
    savedAt = elapsed();
    if (stateFile != null) {
      // Made anew, the directory would hold a part of the run that was taken away with the old one.
      if (!Files.isDirectory(stateDirectory())) {
        throw new IOException(stateDirectory() + ": the directory of the search's state is gone");
      }
      state().save(stateFile);
    }
  }

  private Path stateDirectory() {
    return stateFile.toAbsolutePath().getParent();
  }

  /** The state between two evaluations. */
  SearchState state() {
    return progress.state(identity, snapshot, generation, scores, elapsed());
  }

  private void restore(SearchState state) {
    identity.requireSame(state.identity());
    if (state.isBroken()) {
      LOG.warn("the search starts again: none of its {} scores was finite", state.nonFinite());
      return;
    }
    strategy.restore(state.strategy());
    snapshot = state.strategy();
    generation = state.generation();
    scores = state.scores();
    earlierSeconds = state.elapsedSeconds();
    progress.restore(state);
  }
}
