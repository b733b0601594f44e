package org.lcsc.listener;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.deeplearning4j.nn.api.Model;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.averaging.PostHocEma;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGrouping;
import org.lcsc.export.Recipe;
import org.lcsc.objective.Objective;
import org.lcsc.search.CoefficientLimits;
import org.lcsc.search.EvaluatorFactory;
import org.lcsc.search.EvolutionarySearch;
import org.lcsc.search.SearchBudget;
import org.lcsc.search.SearchListener;
import org.lcsc.search.SearchResult;
import org.lcsc.search.SearchStrategy;
import org.lcsc.search.StrategyFactory;
import org.lcsc.search.WarmStart;

/**
 * Settings of an {@link LcscListener}. The window is required; an objective too, if it is to
 * search. Every setter returns the builder. Not thread-safe.
 */
public final class LcscListenerBuilder {

  CheckpointWindow window;
  double[] emaRates = {};
  List<ExponentialMovingAverage> averages = List.of();
  SearchSchedule schedule = SearchSchedule.NEVER;
  double target = Double.NEGATIVE_INFINITY;
  Consumer<LcscResult> onResult = result -> {};
  Model model;
  boolean warmStart;
  ParameterGrouping grouping = ParameterGrouping.NONE;
  SearchResult earlier;
  PostHocEma postHoc;
  ListenerState state;

  private Objective objective;
  private Objective validation;
  private Reporter reporter;
  private List<Objective> noiseSets = List.of();
  private int greedySoup;
  private double[] emaGrid;
  private EvolutionarySearch.Parameters parameters = EvolutionarySearch.Parameters.DEFAULTS;
  private long seed = 1;
  private StrategyFactory strategy;
  private SearchBudget budget = SearchBudget.ofEvaluations(2000);
  private int finalists = 5;
  private EvaluatorFactory evaluators = EvaluatorFactory.LOCAL;
  private BooleanSupplier cancelled = () -> false;
  private LongFunction<? extends SearchListener> searchListener =
      iteration -> new SearchListener() {};
  private Path searchState;
  private Path output;
  private Map<String, Object> provenance = Map.of();

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
    this.emaRates = checkRates("emaRates", rates);
    return this;
  }

  /**
   * Goes on with the averages of an earlier part of the training, instead of {@link #emaRates}; see
   * {@link ExponentialMovingAverage#ExponentialMovingAverage(double,
   * org.nd4j.linalg.api.ndarray.INDArray, long)}.
   */
  public LcscListenerBuilder resume(List<ExponentialMovingAverage> averages) {
    checkRates("resume", averages.stream().mapToDouble(ExponentialMovingAverage::rate).toArray());
    this.averages = List.copyOf(averages);
    return this;
  }

  /**
   * Goes on where the listener of a killed training was: averages and results so far. The rates
   * stay to be given by {@link #emaRates} and must be those of the saved averages.
   */
  public LcscListenerBuilder resume(ListenerState state) {
    this.state = Objects.requireNonNull(state, "state");
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
    this.objective = Objects.requireNonNull(objective, "objective");
    return this;
  }

  /**
   * What picks the search's result, compares it with the baselines and is held against the target,
   * on noise of its own. The search objective by default: then the scores of what the search found
   * are too good, and those of the baselines are not.
   */
  public LcscListenerBuilder validation(Objective validation) {
    this.validation = Objects.requireNonNull(validation, "validation");
    return this;
  }

  /** Scores that are only reported; none by default. */
  public LcscListenerBuilder report(Reporter reporter) {
    this.reporter = Objects.requireNonNull(reporter, "reporter");
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
    this.noiseSets = List.copyOf(noiseSets);
    return this;
  }

  /**
   * Adds the greedy soup of so many evenly spaced checkpoints to the baselines, at least 2; see
   * {@link org.lcsc.search.GreedySoup}. It takes up to twice as many evaluations on top of the
   * budget; none by default.
   */
  public LcscListenerBuilder greedySoup(int ingredients) {
    if (ingredients < 2) {
      throw new IllegalArgumentException(
          "a greedy soup needs at least 2 ingredients, got " + ingredients);
    }
    this.greedySoup = ingredients;
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
    this.emaGrid = checkRates("emaGrid", rates);
    return this;
  }

  /** What Algorithm 1 leaves open; {@link EvolutionarySearch.Parameters#DEFAULTS} by default. */
  public LcscListenerBuilder search(EvolutionarySearch.Parameters parameters) {
    this.parameters = Objects.requireNonNull(parameters, "parameters");
    return this;
  }

  /** Seed of the evolutionary search; 1 by default. */
  public LcscListenerBuilder seed(long seed) {
    this.seed = seed;
    return this;
  }

  /**
   * Another strategy than {@link EvolutionarySearch}.
   *
   * @param factory makes a new strategy from the first candidates {@code [B, K]}, each of sum 1;
   *     with groups {@code [B, G * K]}, each group of sum 1
   */
  public LcscListenerBuilder strategy(Function<double[][], SearchStrategy> factory) {
    Objects.requireNonNull(factory, "factory");
    return strategy((initial, window) -> factory.apply(initial));
  }

  /**
   * Another strategy than {@link EvolutionarySearch}, one that looks at the checkpoints.
   *
   * @param factory makes a new strategy
   */
  public LcscListenerBuilder strategy(StrategyFactory factory) {
    this.strategy = Objects.requireNonNull(factory, "factory");
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

  /** Evaluations per search; 2,000 by default, as in the paper. */
  public LcscListenerBuilder evaluations(int evaluations) {
    return budget(SearchBudget.ofEvaluations(evaluations));
  }

  /** The budget of each search. */
  public LcscListenerBuilder budget(SearchBudget budget) {
    this.budget = Objects.requireNonNull(budget, "budget");
    return this;
  }

  /** How many of a search's best are scored on validation, at least 1; 5 by default. */
  public LcscListenerBuilder finalists(int finalists) {
    if (finalists < 1) {
      throw new IllegalArgumentException("finalists must be at least 1, got " + finalists);
    }
    this.finalists = finalists;
    return this;
  }

  /**
   * What scores the candidates of a search and validates its finalists and the averages over the
   * window; one after the other on the training thread by default. What is not of the window (last
   * weights, other averages), the greedy soup, the noise sets and the reports stay on the training
   * thread.
   */
  public LcscListenerBuilder evaluator(EvaluatorFactory evaluators) {
    this.evaluators = Objects.requireNonNull(evaluators, "evaluators");
    return this;
  }

  /** Asked between evaluations; true ends the running search, its state is kept. */
  public LcscListenerBuilder cancelledBy(BooleanSupplier cancelled) {
    this.cancelled = Objects.requireNonNull(cancelled, "cancelled");
    return this;
  }

  /** Watches every search. */
  public LcscListenerBuilder searchListener(SearchListener listener) {
    Objects.requireNonNull(listener, "listener");
    return searchListener(iteration -> listener);
  }

  /** Makes the listener of a search when it begins, of the iteration that it runs at. */
  public LcscListenerBuilder searchListener(LongFunction<? extends SearchListener> factory) {
    this.searchListener = Objects.requireNonNull(factory, "factory");
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
    this.searchState = Objects.requireNonNull(directory, "directory");
    return this;
  }

  /**
   * Run directory for the models, recipes and logs of every search: {@code ema/RATE.zip}, {@code
   * lcsc/ITERATION/model.zip} with {@code recipe.json} and {@code search.csv}, and {@code
   * lcsc/best.zip} with {@code lcsc/best.json}. Created where missing; none by default.
   */
  public LcscListenerBuilder output(Path runDirectory) {
    this.output = Objects.requireNonNull(runDirectory, "runDirectory");
    return this;
  }

  /**
   * Entries for every recipe.
   *
   * @param entries strings, numbers, booleans, records, and lists and maps of them
   * @throws IllegalArgumentException where an entry cannot be written as JSON
   */
  public LcscListenerBuilder provenance(Map<String, ?> entries) {
    this.provenance = Recipe.provenance(entries);
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
    if (objective == null && schedule != SearchSchedule.NEVER) {
      throw new IllegalArgumentException("a search needs an objective, got none");
    }
    if (emaRates.length > 0 && !averages.isEmpty()) {
      throw new IllegalArgumentException("emaRates and resume exclude each other, got both");
    }
    if (state != null) {
      state.requireRates(emaRates);
      // Without averages the state is of before the first update.
      emaRates = state.averages().isEmpty() ? emaRates : new double[0];
    }
    for (Path directory : new Path[] {output, searchState}) {
      if (directory != null) {
        try {
          Files.createDirectories(directory);
        } catch (IOException e) {
          throw new UncheckedIOException(
              "cannot make the directory " + directory + ": " + reason(e), e);
        }
      }
    }
    return new LcscListener(this);
  }

  ModelComparison comparison() {
    if (objective == null) {
      return null;
    }
    EvolutionarySearch.Parameters evolution = parameters;
    long evolutionSeed = seed;
    return new ModelComparison(
        objective,
        validation == null ? objective : validation,
        reporter,
        noiseSets,
        greedySoup,
        emaGrid,
        strategy != null
            ? strategy
            : (initial, checkpoints) ->
                new EvolutionarySearch(
                    initial,
                    evolution,
                    CoefficientLimits.NONE,
                    checkpoints.groups(),
                    evolutionSeed),
        budget,
        finalists,
        evaluators,
        cancelled,
        searchListener,
        searchState,
        output == null ? iteration -> null : runOutput()::searchLog);
  }

  RunOutput runOutput() {
    return output == null ? null : new RunOutput(output, recipeSettings());
  }

  private RunOutput.Settings recipeSettings() {
    return new RunOutput.Settings(
        grouping,
        seed,
        validation == null ? objective == null ? "" : objective.name() : validation.name(),
        provenance);
  }

  /** One line; the bare message of a file system exception is only a path. */
  private static String reason(IOException e) {
    if (e instanceof FileAlreadyExistsException file) {
      return file.getFile() + " is a file";
    }
    return e instanceof AccessDeniedException denied
        ? "permission denied for " + denied.getFile()
        : String.valueOf(e.getMessage());
  }

  private static double[] checkRates(String name, double[] rates) {
    if (Arrays.stream(rates).distinct().count() < rates.length) {
      throw new IllegalArgumentException(
          name + " must differ from each other, got " + Arrays.toString(rates));
    }
    for (double rate : rates) {
      EmaCoefficients.of(rate, new long[] {1});
    }
    return rates.clone();
  }
}
