package org.lcsc.listener;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Model;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.averaging.PostHocEma;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.export.Recipe;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.objective.Objective;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.SearchBudget;
import org.lcsc.search.SearchListener;
import org.lcsc.search.SearchResult;
import org.lcsc.search.WarmStart;
import org.lcsc.search.evaluation.EvaluatorFactory;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.search.strategy.SearchStrategy;
import org.lcsc.search.strategy.StrategyFactory;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Settings of an {@link LcscListener}. The window is required; an objective too, if it is to
 * search. Every setter returns the builder. Not thread-safe.
 */
public final class LcscListenerBuilder {

  CheckpointWindow window;
  SearchSchedule schedule = SearchSchedule.NEVER;
  double target = Double.NEGATIVE_INFINITY;
  Consumer<LcscResult> onResult = result -> {};
  Model model;
  boolean warmStart;
  ParameterGrouping grouping = ParameterGrouping.NONE;
  TimeRanges ranges = TimeRanges.ONE;
  SearchResult earlier;
  PostHocEma postHoc;
  Supplier<? extends Iterator<INDArray[]>> batchNormData;

  final AverageSettings averages = new AverageSettings();
  private final ComparisonSettings comparison = new ComparisonSettings();

  LcscListenerBuilder() {}

  /** Where checkpoints are recorded, at the iterations that are due. The caller closes it. */
  public LcscListenerBuilder window(CheckpointWindow window) {
    this.window = Objects.requireNonNull(window, "window");
    return this;
  }

  /**
   * Rates of the moving averages over all updates, each in [0, 1); none by default. Each takes a
   * copy of the parameters.
   */
  public LcscListenerBuilder emaRates(double... rates) {
    averages.rates(rates);
    return this;
  }

  /**
   * Goes on with the averages of an earlier part of the training, instead of {@link #emaRates}; see
   * {@link ExponentialMovingAverage#ExponentialMovingAverage(double, INDArray, long)}.
   */
  public LcscListenerBuilder resume(List<ExponentialMovingAverage> averages) {
    this.averages.resume(averages);
    return this;
  }

  /**
   * Goes on where the listener of a killed training was: averages and results so far. The rates
   * stay to be given by {@link #emaRates} and must be those of the saved averages.
   */
  public LcscListenerBuilder resume(ListenerState state) {
    averages.resume(state);
    return this;
  }

  /**
   * Power-function averages over all updates: its reconstructions of several widths are baselines.
   * The caller closes it; none by default.
   */
  public LcscListenerBuilder postHocEma(PostHocEma averages) {
    this.postHoc = Objects.requireNonNull(averages, "averages");
    return this;
  }

  /**
   * Data on which the running means and variances of {@code BatchNormalization} layers are
   * recomputed, see {@link org.lcsc.network.BatchNormStatistics}: before a combination, an average
   * or the last weights are scored, and in the models that are written. It costs a forward pass
   * over this data per evaluation, so a few batches will do. Without it, and by default, they are
   * merged linearly as all other parameters are, which a warning says. The checkpoints and the
   * training stay as they are; a strategy by gradients cannot be used with it.
   *
   * @param batches the network's inputs in order, the same at every call; for example {@code () ->
   *     BatchNormStatistics.inputs(iterator)}
   */
  public LcscListenerBuilder batchNormData(Supplier<? extends Iterator<INDArray[]>> batches) {
    this.batchNormData = Objects.requireNonNull(batches, "batches");
    return this;
  }

  /** The only model acted on; by default the first one that calls. */
  public LcscListenerBuilder model(Model model) {
    this.model = Objects.requireNonNull(model, "model");
    return this;
  }

  /** Searches after these numbers of updates. By default searches are only made when asked for. */
  public LcscListenerBuilder searchAt(int... iterations) {
    this.schedule = SearchSchedule.at(iterations);
    return this;
  }

  /** Searches every so many updates. */
  public LcscListenerBuilder searchEvery(int every) {
    return searchEvery(every, every);
  }

  /** Searches every so many updates, first after {@code from}. */
  public LcscListenerBuilder searchEvery(int every, int from) {
    this.schedule = SearchSchedule.every(every, from);
    return this;
  }

  /** What the search minimises, on search noise. */
  public LcscListenerBuilder objective(Objective objective) {
    comparison.objective = Objects.requireNonNull(objective, "objective");
    return this;
  }

  /**
   * What picks the search's result, compares it with the baselines and is held against the target,
   * on noise of its own. The search objective by default: then the scores of what the search found
   * are too good, and those of the baselines are not.
   */
  public LcscListenerBuilder validation(Objective validation) {
    comparison.validation = Objects.requireNonNull(validation, "validation");
    return this;
  }

  /** Scores that are only reported; none by default. */
  public LcscListenerBuilder report(Reporter reporter) {
    comparison.reporter = Objects.requireNonNull(reporter, "reporter");
    return this;
  }

  /**
   * Further noise sets, none or at least 2, on which every search's combination is compared with
   * the best baseline: the result then says whether it is better by more than the noise, see {@link
   * NoiseVerdict}. Each takes two evaluations.
   */
  public LcscListenerBuilder noiseSets(List<? extends Objective> noiseSets) {
    if (noiseSets.size() == 1) {
      throw new IllegalArgumentException("noiseSets must be none or at least 2, got 1");
    }
    comparison.noiseSets = List.copyOf(noiseSets);
    return this;
  }

  /**
   * Adds the greedy soup of so many evenly spaced checkpoints to the baselines, at least 2; see
   * {@link org.lcsc.search.strategy.GreedySoup}. It takes up to twice as many evaluations on top of
   * the budget; none by default.
   */
  public LcscListenerBuilder greedySoup(int ingredients) {
    if (ingredients < 2) {
      throw new IllegalArgumentException(
          "a greedy soup needs at least 2 ingredients, got " + ingredients);
    }
    comparison.greedySoup = ingredients;
    return this;
  }

  /** The training is to end once the best model scores below this on validation; never if unset. */
  public LcscListenerBuilder target(double target) {
    if (Double.isNaN(target)) {
      throw new IllegalArgumentException("target must be a number, got NaN");
    }
    this.target = target;
    return this;
  }

  /**
   * Rates of averages over the window that are baselines and first candidates, beside the {@link
   * #emaRates}. By default 10 rates with horizons from half the interval between checkpoints to
   * twice the window's span, in geometric steps.
   */
  public LcscListenerBuilder emaGrid(double... rates) {
    comparison.emaGrid = AverageSettings.distinct("emaGrid", rates);
    return this;
  }

  /**
   * Searches by Algorithm 1, with what it leaves open. By default an objective with a gradient is
   * searched by {@link org.lcsc.search.strategy.GradientSearch}, every other by Algorithm 1 with
   * {@link EvolutionarySearch.Parameters#DEFAULTS}.
   */
  public LcscListenerBuilder search(EvolutionarySearch.Parameters parameters) {
    comparison.parameters = Objects.requireNonNull(parameters, "parameters");
    return this;
  }

  /** Seed of the evolutionary search; 1 by default. */
  public LcscListenerBuilder seed(long seed) {
    comparison.seed = seed;
    return this;
  }

  /**
   * Another strategy than the default.
   *
   * @param factory makes a new strategy from the first candidates {@code [B, K]}, each of sum 1;
   *     with groups {@code [B, G * K]}, each group of sum 1
   */
  public LcscListenerBuilder strategy(Function<double[][], SearchStrategy> factory) {
    Objects.requireNonNull(factory, "factory");
    return strategy((initial, window) -> factory.apply(initial));
  }

  /**
   * Another strategy than the default, one that looks at the checkpoints.
   *
   * @param factory makes a new strategy
   */
  public LcscListenerBuilder strategy(StrategyFactory factory) {
    comparison.strategy = Objects.requireNonNull(factory, "factory");
    return this;
  }

  /**
   * Whether a later search also starts from what the one before it found; not by default. A
   * training that is resumed names the last result by {@link #earlier}.
   */
  public LcscListenerBuilder warmStart(boolean warmStart) {
    this.warmStart = warmStart;
    return this;
  }

  /** The first search also starts from what this one found; see {@link WarmStart}. */
  public LcscListenerBuilder earlier(SearchResult earlier) {
    this.earlier = Objects.requireNonNull(earlier, "earlier");
    return this;
  }

  /**
   * Groups of parameters that get coefficients of their own; none by default. The baselines have
   * the same coefficients for all of them.
   */
  public LcscListenerBuilder groups(ParameterGrouping grouping) {
    this.grouping = Objects.requireNonNull(grouping, "grouping");
    return this;
  }

  /**
   * Ranges of noise levels, R of them, that get coefficients, and so a model, of their own; one by
   * default. The objectives, the report and the noise sets are then given {@code [R * P]}
   * parameters for combinations and {@code [P]} for baselines, which have one model for all noise
   * levels: their generator must know the ranges too. A combination is written as one model file
   * for each range, see {@link org.lcsc.export.RecipeFiles}.
   */
  public LcscListenerBuilder timeRanges(TimeRanges ranges) {
    this.ranges = Objects.requireNonNull(ranges, "ranges");
    return this;
  }

  /** Evaluations per search; by default 2,000, as in the paper, or 200 by gradients. */
  public LcscListenerBuilder evaluations(int evaluations) {
    return budget(SearchBudget.ofEvaluations(evaluations));
  }

  /** The budget of each search. */
  public LcscListenerBuilder budget(SearchBudget budget) {
    comparison.budget = Objects.requireNonNull(budget, "budget");
    return this;
  }

  /** How many of a search's best are scored on validation, at least 1; 5 by default. */
  public LcscListenerBuilder finalists(int finalists) {
    if (finalists < 1) {
      throw new IllegalArgumentException("finalists must be at least 1, got " + finalists);
    }
    comparison.finalists = finalists;
    return this;
  }

  /**
   * What scores the candidates of a search and validates its finalists and the averages over the
   * window; one after the other on the training thread by default. What is not of the window (last
   * weights, other averages), the greedy soup, the noise sets and the reports stay on the training
   * thread.
   */
  public LcscListenerBuilder evaluator(EvaluatorFactory evaluators) {
    comparison.evaluators = Objects.requireNonNull(evaluators, "evaluators");
    return this;
  }

  /** Asked between evaluations; true ends the running search, its state is kept. */
  public LcscListenerBuilder cancelledBy(BooleanSupplier cancelled) {
    comparison.cancelled = Objects.requireNonNull(cancelled, "cancelled");
    return this;
  }

  /** Watches every search. */
  public LcscListenerBuilder searchListener(SearchListener listener) {
    Objects.requireNonNull(listener, "listener");
    return searchListener(iteration -> listener);
  }

  /** Makes the listener of a search when it begins, of the iteration that it runs at. */
  public LcscListenerBuilder searchListener(LongFunction<? extends SearchListener> factory) {
    comparison.searchListener = Objects.requireNonNull(factory, "factory");
    return this;
  }

  /** Called with every result, on the training thread, after its files are written. */
  public LcscListenerBuilder onResult(Consumer<LcscResult> consumer) {
    this.onResult = Objects.requireNonNull(consumer, "consumer");
    return this;
  }

  /**
   * Directory for {@code search-ITERATION.bin}, from which a killed search goes on once the
   * training is at that iteration again; none by default.
   */
  public LcscListenerBuilder searchState(Path directory) {
    comparison.searchState = Objects.requireNonNull(directory, "directory");
    return this;
  }

  /**
   * Run directory for the models, recipes and logs of every search: {@code ema/RATE.zip}, {@code
   * lcsc/ITERATION/model.zip} with {@code recipe.json} and {@code search.csv}, and {@code
   * lcsc/best.zip} with {@code lcsc/best.json}; with time ranges {@code model-range0.zip} and so
   * on, and {@code best-range0.zip} where such a combination is the best. Created where missing;
   * none by default.
   */
  public LcscListenerBuilder output(Path runDirectory) {
    comparison.output = Objects.requireNonNull(runDirectory, "runDirectory");
    return this;
  }

  /**
   * Entries for every recipe.
   *
   * @param entries strings, numbers, booleans, records, and lists and maps of them
   * @throws IllegalArgumentException where an entry cannot be written as JSON
   */
  public LcscListenerBuilder provenance(Map<String, ?> entries) {
    comparison.provenance = Recipe.provenance(entries);
    return this;
  }

  /**
   * Builds the listener.
   *
   * @throws IllegalArgumentException where there is no window, or searches are scheduled without an
   *     objective, both {@link #emaRates} and averages to resume are given, or the rates are not
   *     those of the resumed state
   * @throws UncheckedIOException where the run directory cannot be made
   */
  public LcscListener build() {
    if (window == null) {
      throw new IllegalArgumentException("a listener needs a window, got none");
    }
    if (comparison.objective == null && schedule != SearchSchedule.NEVER) {
      throw new IllegalArgumentException("a search needs an objective, got none");
    }
    averages.require();
    if (ranges.size() > 1 && batchNormData != null) {
      throw new IllegalArgumentException(
          "timeRanges and batchNormData exclude each other, got both");
    }
    comparison.makeDirectories();
    return new LcscListener(this);
  }

  ModelComparison comparison(BatchNormUpdate batchNorm) {
    return comparison.comparison(grouping, ranges, batchNorm);
  }

  RunOutput runOutput(BatchNormUpdate batchNorm) {
    return comparison.runOutput(grouping, ranges, batchNorm);
  }
}
