package org.lcsc.listener;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Model;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.averaging.PostHocEma;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.export.Recipe;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Objective;
import org.lcsc.objective.Safeguard;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.SearchConfig;
import org.lcsc.search.config.SearchSchedule;
import org.lcsc.search.evaluation.EvaluatorFactory;
import org.lcsc.search.strategy.StrategyFactory;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.LoggerFactory;

/**
 * Settings of an {@link LcscListener}. Without a window it keeps averages only; to search it takes
 * a window and an objective. Every setter returns the builder. Not thread-safe.
 */
public final class LcscListenerBuilder implements Cloneable {

  /** Makes a window for so many parameters, in a file that is only named where it lies in one. */
  @FunctionalInterface
  interface WindowFactory {
    CheckpointWindow create(long parameters, Supplier<Path> file);
  }

  CheckpointWindow window;
  WindowFactory windows;
  SearchSchedule schedule = SearchSchedule.NEVER;
  Double target;

  /**
   * Refuses what the first search of a configuration would refuse, while schedule and search are
   * its own.
   */
  Runnable firstSearch = () -> {};

  Consumer<LcscResult> onResult = result -> {};
  Model model;
  ParameterGrouping grouping = ParameterGrouping.NONE;
  TimeRanges ranges = TimeRanges.ONE;
  PostHocEma postHoc;
  LongFunction<PostHocEma> postHocs = parameters -> null;
  Supplier<? extends Iterator<INDArray[]>> batchNormData;
  Path output;
  boolean keepBaselines;
  double[] emaRates = {};

  /** What a killed training left, or null. */
  ListenerState state;

  /** Objectives that the first listener built closes. */
  List<Objective> made = List.of();

  private Objective objective;
  private Objective validation;
  private Safeguard safeguard = Safeguard.NONE;
  private Reporter reporter;
  private List<Objective> noiseSets = List.of();
  private SearchConfig search = new SearchConfig();
  private String searchIdentity = "";
  private StrategyFactory strategy;
  private Baselines baselines = Baselines.DEFAULT;
  private SearchControl control = SearchControl.DEFAULT;
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
    this.emaRates = Baselines.distinct("emaRates", rates);
    Arrays.stream(rates).forEach(ExponentialMovingAverage::requireRate);
    return this;
  }

  /**
   * Continues where the listener of a killed training was: averages and results so far. The rates
   * stay to be given by {@link #emaRates} and must be those of the saved averages.
   */
  public LcscListenerBuilder resume(ListenerState state) {
    this.state = Objects.requireNonNull(state, "state");
    return this;
  }

  /**
   * Averages over all updates that a training elsewhere kept, in place of {@link #emaRates}: they
   * are baselines of every search, and stay as they are where nothing is trained.
   *
   * @param averages of distinct rates
   */
  public LcscListenerBuilder averages(List<ExponentialMovingAverage> averages) {
    emaRates(averages.stream().mapToDouble(ExponentialMovingAverage::rate).toArray());
    return resume(new ListenerState(averages, -1, List.of(), null, null));
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
   *     BatchNormStatistics.inputs(iterator)} of an iterator of its own: one that the training
   *     reads would be moved to its end
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
    this.firstSearch = () -> {};
    return this;
  }

  /** Searches every so many updates. */
  public LcscListenerBuilder searchEvery(int every) {
    return searchEvery(every, every);
  }

  /** Searches every so many updates, first after {@code from}. */
  public LcscListenerBuilder searchEvery(int every, int from) {
    this.schedule = SearchSchedule.every(every, from);
    this.firstSearch = () -> {};
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

  /**
   * What a combination must not lose beside its score: one that it refuses takes the place of no
   * average. By default nothing is refused.
   */
  public LcscListenerBuilder safeguard(Safeguard safeguard) {
    this.safeguard = Objects.requireNonNull(safeguard, "safeguard");
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
    Refuse.argument(noiseSets.size() == 1, "noiseSets must be none or at least 2, got 1");
    this.noiseSets = List.copyOf(noiseSets);
    return this;
  }

  /**
   * The training is to end once the best model is better than this on validation, in the
   * objective's own units: a loss below it, an accuracy above it. Never if unset.
   */
  public LcscListenerBuilder target(double target) {
    Refuse.argument(!Double.isFinite(target), "target must be a finite number, got %s", target);
    this.target = target;
    return this;
  }

  /** What the result is compared with; {@link Baselines#DEFAULT} by default. */
  public LcscListenerBuilder baselines(Baselines baselines) {
    this.baselines = Objects.requireNonNull(baselines, "baselines");
    return this;
  }

  /**
   * Budget, strategy, seed, finalists, racing and warm start of the searches; by default an
   * objective with a gradient is searched by {@link org.lcsc.search.strategy.GradientSearch}, every
   * other by {@link org.lcsc.search.strategy.EvolutionarySearch}. Number of samples, groups and
   * ranges are not read from it.
   */
  public LcscListenerBuilder search(SearchConfig search) {
    this.search = Objects.requireNonNull(search, "search");
    this.firstSearch = () -> {};
    return this;
  }

  /**
   * What a killed search must share with the one that continues its state, beside what the state
   * knows by itself, see {@link org.lcsc.search.CheckpointSearchBuilder#identity}: for example the
   * seeds and numbers of the samples of the objectives. Those of a configuration file by default,
   * else nothing.
   */
  public LcscListenerBuilder searchIdentity(String identity) {
    this.searchIdentity = Objects.requireNonNull(identity, "identity");
    return this;
  }

  /** Evaluations per search, instead of those of {@link #search}. */
  public LcscListenerBuilder evaluations(int evaluations) {
    return search(search.withEvaluations(evaluations));
  }

  /**
   * A strategy of one's own, instead of that of {@link #search}.
   *
   * @param factory makes a new strategy
   */
  public LcscListenerBuilder strategy(StrategyFactory factory) {
    this.strategy = Objects.requireNonNull(factory, "factory");
    this.firstSearch = () -> {};
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

  /** How searches are run, watched and ended; {@link SearchControl#DEFAULT} by default. */
  public LcscListenerBuilder control(SearchControl control) {
    this.control = Objects.requireNonNull(control, "control");
    return this;
  }

  /** Called with every result, on the training thread, after its files are written. */
  public LcscListenerBuilder onResult(Consumer<LcscResult> consumer) {
    this.onResult = Objects.requireNonNull(consumer, "consumer");
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
    this.output = Objects.requireNonNull(runDirectory, "runDirectory");
    return this;
  }

  /**
   * Whether the models that a search's combination is reported beside (all of them without a
   * report) are written too: {@code lcsc/ITERATION/LABEL.zip} with {@code LABEL.json}, see {@link
   * ScoredModel#label}. By default they are not.
   */
  public LcscListenerBuilder keepBaselines(boolean keep) {
    this.keepBaselines = keep;
    return this;
  }

  /**
   * Entries for every recipe.
   *
   * @param entries strings, numbers, booleans, records, and lists and maps of them
   * @throws IllegalArgumentException where an entry cannot be written as JSON
   */
  public LcscListenerBuilder provenance(Map<String, ?> entries) {
    provenance = Recipe.provenance(entries);
    return this;
  }

  /**
   * Builds the listener.
   *
   * @throws IllegalArgumentException where searches are scheduled without a window or an objective,
   *     or the rates are not those of the resumed state
   * @throws UncheckedIOException where the run directory cannot be made
   */
  public LcscListener build() {
    if (schedule != SearchSchedule.NEVER) {
      Refuse.argument(window == null && windows == null, "a search needs a window, got none");
      Refuse.argument(objective == null, "a search needs an objective, got none");
      if (window == null) {
        firstSearch.run();
      }
    }
    requireAnObjectiveFor(target != null, "target");
    requireAnObjectiveFor(validation != null, "validation");
    requireAnObjectiveFor(reporter != null, "reporter");
    requireAnObjectiveFor(!noiseSets.isEmpty(), "noiseSets");
    requireAnObjectiveFor(safeguard != Safeguard.NONE, "safeguard");
    if (state != null) {
      state.requireRates(emaRates);
    }
    requireSearchable();
    makeDirectory(output);
    makeDirectory(control.states());
    SilentLogging.warnOnce(LoggerFactory.getILoggerFactory(), System.err);
    LcscListenerBuilder own = clone();
    // Closed once.
    made = List.of();
    return new LcscListener(own);
  }

  /**
   * Builds searches of windows by themselves, without a listener; window and schedule are not used.
   * Averages are those of {@link #averages} or {@link #resume}.
   *
   * @throws IllegalArgumentException where there is no objective
   * @throws UncheckedIOException where the run directory cannot be made
   */
  public WindowSearches buildSearches() {
    Refuse.argument(objective == null, "a search needs an objective, got none");
    requireSearchable();
    Refuse.argument(
        batchNormData != null && model == null, "batchNormData needs a model, got none");
    makeDirectory(output);
    makeDirectory(control.states());
    return new WindowSearches(clone());
  }

  /** The settings as they are now: the caller may go on with this builder. */
  @Override
  protected LcscListenerBuilder clone() {
    try {
      return (LcscListenerBuilder) super.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Before hours of training, not after. */
  private void requireSearchable() {
    boolean gradients =
        strategy == null && search.strategy() != null && search.strategy().wantsGradients();
    requireWithoutBatchNormData(ranges.size() > 1, "timeRanges");
    requireWithoutBatchNormData(gradients, "a strategy by gradients");
    requireWithoutBatchNormData(
        !control.evaluators().equals(EvaluatorFactory.LOCAL),
        "evaluators of one's own, whose networks' statistics are not recomputed,");
    if (objective != null && strategy == null) {
      search.require("search.", objective);
    }
    Refuse.argument(
        strategy == null
            && search.strategy() != null
            && !search.strategy().searchesGroups()
            && (grouping != ParameterGrouping.NONE || ranges.size() > 1),
        "strategy %s searches one combination, got groups or timeRanges",
        search.strategy() == null ? "" : search.strategy().kind());
  }

  private void requireAnObjectiveFor(boolean given, String setting) {
    Refuse.argument(
        given && objective == null, "%s has no effect without an objective, got none", setting);
  }

  private void requireWithoutBatchNormData(boolean given, String other) {
    Refuse.argument(
        given && batchNormData != null, "%s and batchNormData exclude each other, got both", other);
  }

  /** Null where there is nothing to search by. */
  ModelComparison comparison(BatchNormUpdate batchNorm) {
    if (objective == null) {
      return null;
    }
    RunOutput files = runOutput(batchNorm);
    Objective searched = batchNorm.before(objective);
    SearchConfig decided =
        search.decided(strategy == null && searched instanceof DifferentiableObjective);
    Reporter reported = reporter;
    return new ModelComparison(
        searched,
        batchNorm.before(decides()),
        rival -> {
          Safeguard.Comparison comparison = safeguard.against(batchNorm.applied(rival));
          return candidate -> comparison.refusal(batchNorm.applied(candidate));
        },
        reported == null ? null : model -> reported.report(batchNorm.applied(model)),
        noiseSets.stream().map(batchNorm::before).toList(),
        baselines,
        decided,
        searchIdentity,
        strategy,
        control,
        files == null ? iteration -> null : files::searchLog);
  }

  private Objective decides() {
    return validation == null ? objective : validation;
  }

  /** Null where nothing is written. */
  RunOutput runOutput(BatchNormUpdate batchNorm) {
    Objective decides = decides();
    Map<String, Object> entries = new LinkedHashMap<>(provenance);
    if (decides != null && decides.scoreOf(1) < 0) {
      entries.put(Recipe.MAXIMISED, true);
    }
    return output == null
        ? null
        : new RunOutput(
            output,
            new RunOutput.Settings(
                ranges, search.seed(), decides == null ? "" : decides.name(), entries),
            batchNorm);
  }

  /** The score below which the training ends. */
  double targetScore() {
    Objective decides = decides();
    return target == null || decides == null ? Double.NEGATIVE_INFINITY : decides.scoreOf(target);
  }

  /** A score in the objective's own units. */
  double shown(double score) {
    return decides().scoreOf(score);
  }

  /** What was reached, in the objective's own units. */
  String reached(double score) {
    Objective decides = decides();
    String side = decides.scoreOf(1) > 0 ? "below" : "above";
    return Text.format("%s on validation, %s the target %s", decides.scoreOf(score), side, target);
  }

  /** Whether a search also starts from what the one before it found. */
  boolean warmStart() {
    return search.warmStart();
  }

  private static void makeDirectory(Path directory) {
    if (directory != null) {
      try {
        Files.createDirectories(directory);
      } catch (IOException e) {
        throw new UncheckedIOException(
            "cannot make the directory " + directory + ": " + reason(e), e);
      }
    }
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
}
