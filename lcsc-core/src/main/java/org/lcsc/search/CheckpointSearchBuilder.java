package org.lcsc.search;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.io.Refuse;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Objective;
import org.lcsc.search.evaluation.EvaluatorFactory;
import org.lcsc.search.strategy.GradientStrategy;
import org.lcsc.search.strategy.ScoredCoefficients;
import org.lcsc.search.strategy.SearchStrategy;
import org.lcsc.search.strategy.StrategySettings;

/**
 * Collects the parts of a {@link CheckpointSearch}; every setter returns the builder.
 *
 * <p>Not thread-safe.
 */
public final class CheckpointSearchBuilder {

  /** The most candidates merged at once by default, and the bytes that they may take. */
  private static final int MERGE_ROWS = 16;

  private static final long MERGE_BYTES = 1L << 30;

  final CheckpointMerger merger;
  final SearchStrategy strategy;
  final Objective objective;
  final List<SearchListener> listeners = new ArrayList<>();
  final List<ScoredCoefficients> baselines = new ArrayList<>();
  final List<Set<String>> kinds = new ArrayList<>();
  Objective validation;
  SearchBudget budget = SearchBudget.ofEvaluations(StrategySettings.PAPERS_EVALUATIONS);
  int finalists = 5;
  double[] shrinkage = {};
  int mergeRows;
  EvaluatorFactory evaluators = EvaluatorFactory.LOCAL;
  BooleanSupplier cancelled = () -> false;
  LongSupplier nanoTime = System::nanoTime;
  Path stateFile;
  boolean restarts;
  String identity = "";
  Path logFile;

  CheckpointSearchBuilder(CheckpointMerger merger, SearchStrategy strategy, Objective objective) {
    this.merger = merger;
    this.strategy = strategy;
    this.objective = objective;
    this.mergeRows = mergeRows(merger.parameters());
  }

  /**
   * How many candidates are merged at once unless told: as many as fit into a gigabyte, 1 to 16.
   *
   * @param parameters of a candidate, all time ranges together
   */
  public static int mergeRows(long parameters) {
    return (int) Math.max(1, Math.min(MERGE_ROWS, MERGE_BYTES / Float.BYTES / parameters));
  }

  /** When to stop; 2,000 evaluations by default, as in the paper. */
  public CheckpointSearchBuilder budget(SearchBudget budget) {
    this.budget = Objects.requireNonNull(budget, "budget");
    return this;
  }

  /** Scores the finalists and baselines, on other noise; none by default. */
  public CheckpointSearchBuilder validation(Objective validation) {
    this.validation = validation;
    return this;
  }

  /** How many of the best distinct candidates are validated, at least 1; 5 by default. */
  public CheckpointSearchBuilder finalists(int finalists) {
    Refuse.argument(finalists < 1, "finalists must be at least 1, got %s", finalists);
    this.finalists = finalists;
    return this;
  }

  /**
   * Also validates combinations between the best baseline and the best finalist, where the finalist
   * is the better: what fits the noise of the search only is lost on the way, most of what is real
   * is kept. None by default.
   *
   * @param shares of the way from the baseline to the finalist, above 0 and below 1
   */
  public CheckpointSearchBuilder shrinkage(double... shares) {
    for (double share : shares) {
      Refuse.argument(
          !(share > 0 && share < 1),
          "shares of the way must be above 0 and below 1, got %s",
          share);
    }
    this.shrinkage = shares.clone();
    return this;
  }

  /**
   * Adds coefficients of one kind, a grid over a rate for example, that are validated beside the
   * finalists. Where the validation objective is a {@link org.lcsc.objective.PartialObjective} of
   * many samples, all of the kind are scored on its first quarter, and only the best quarter of
   * them is validated; see {@link Screening}.
   *
   * @param kind coefficients by their labels in the result, in order: one per checkpoint, divided
   *     by their sum, and taken for every group
   * @throws IllegalArgumentException where their number is not that of the checkpoints, or they
   *     cannot be normalised
   */
  public CheckpointSearchBuilder baselines(Map<String, double[]> kind) {
    Set<String> labels = new HashSet<>();
    kind.forEach(
        (label, coefficients) -> {
          labels.add(label);
          baselines.add(
              ScoredCoefficients.baseline(label, coefficients, merger.size(), merger.groups()));
        });
    kinds.add(labels);
    return this;
  }

  /** Adds a listener. */
  public CheckpointSearchBuilder listener(SearchListener listener) {
    listeners.add(listener);
    return this;
  }

  /** Asked between evaluations; true ends the search with its state kept. */
  public CheckpointSearchBuilder cancelledBy(BooleanSupplier cancelled) {
    this.cancelled = cancelled;
    return this;
  }

  /** The file that the search continues from, and that it saves its state to; none by default. */
  public CheckpointSearchBuilder state(Path file) {
    stateFile = file;
    return this;
  }

  /**
   * What a search must share with the one whose state it continues, beside what the state knows by
   * itself (strategy, checkpoints, baselines, the names of the objectives): for example the samples
   * that the objectives score a model on. Empty by default.
   */
  public CheckpointSearchBuilder identity(String identity) {
    this.identity = Objects.requireNonNull(identity, "identity");
    return this;
  }

  /**
   * Lets the search start again, with a warning, where its state is of the same checkpoints and
   * some that the window lost; without this such a state is refused as that of another search.
   */
  public CheckpointSearchBuilder restartWithoutLostCheckpoints() {
    restarts = true;
    return this;
  }

  /** The CSV file for every evaluation, see {@link SearchLog}; none by default. */
  public CheckpointSearchBuilder log(Path file) {
    logFile = file;
    return this;
  }

  /**
   * The most candidates merged at once, at least 1; by default as many as {@link #mergeRows(long)}
   * says. The search holds as many copies of the parameters in memory.
   */
  public CheckpointSearchBuilder mergeRows(int mergeRows) {
    Refuse.argument(mergeRows < 1, "mergeRows must be at least 1, got %s", mergeRows);
    this.mergeRows = mergeRows;
    return this;
  }

  /** What scores the candidates; one after the other on this thread by default. */
  public CheckpointSearchBuilder evaluator(EvaluatorFactory evaluators) {
    this.evaluators = Objects.requireNonNull(evaluators, "evaluators");
    return this;
  }

  /** The clock in nanoseconds; {@link System#nanoTime} by default. */
  public CheckpointSearchBuilder clock(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    return this;
  }

  /**
   * Builds the search.
   *
   * @throws IllegalArgumentException where the window holds fewer than 2 checkpoints, the
   *     strategy's dimension is not their number, or it wants gradients of an objective that has
   *     none
   */
  public CheckpointSearch build() {
    int size = merger.size();
    Refuse.argument(size < 2, "a search needs at least 2 checkpoints, the window holds %s", size);
    Refuse.argument(
        strategy.dimension() != merger.groups() * size,
        "the strategy proposes %s coefficients, the window holds %s checkpoints%s",
        strategy.dimension(),
        size,
        merger.groups() > 1 ? " in " + merger.groups() + " groups" : "");
    if (strategy instanceof GradientStrategy) {
      DifferentiableObjective.require(objective);
    }
    return new CheckpointSearch(this);
  }
}
