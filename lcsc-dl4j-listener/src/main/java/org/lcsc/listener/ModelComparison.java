package org.lcsc.listener;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.LongFunction;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.averaging.PostHocEma;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.listener.ScoredModel.Kind;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.Safeguard;
import org.lcsc.objective.StageSeconds;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.CheckpointSearch;
import org.lcsc.search.CheckpointSearchBuilder;
import org.lcsc.search.SearchBudget;
import org.lcsc.search.SearchEvaluation;
import org.lcsc.search.SearchListener;
import org.lcsc.search.SearchResult;
import org.lcsc.search.WarmStart;
import org.lcsc.search.config.SearchConfig;
import org.lcsc.search.strategy.GreedySoup;
import org.lcsc.search.strategy.ScoredCoefficients;
import org.lcsc.search.strategy.StrategyFactory;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Searches a window and scores what the search found beside its baselines, on the same validation
 * noise.
 *
 * @param objective what the search sees
 * @param validation what decides; may be the search objective
 * @param safeguard what a combination must not lose beside its score
 * @param reporter what is reported only, or null
 * @param noiseSets further noise sets on which the combination and the best baseline are compared;
 *     none or at least 2
 * @param compared baselines beside those that always are
 * @param config strategy, budget and finalists of a search
 * @param identity what a search must share with the one that it continues
 * @param strategy makes another strategy than the configured one, or null
 * @param control runs, watches and ends the searches
 * @param logFile the search log of an iteration, or null where there is none
 */
record ModelComparison(
    Objective objective,
    Objective validation,
    Safeguard safeguard,
    Reporter reporter,
    List<Objective> noiseSets,
    Baselines compared,
    SearchConfig config,
    String identity,
    StrategyFactory strategy,
    SearchControl control,
    LongFunction<Path> logFile) {

  /** Of these only the best is worth a report. */
  private static final Set<Kind> GRIDS =
      EnumSet.of(Kind.WINDOW_EMA, Kind.WINDOW_POWER, Kind.LAWA, Kind.POST_HOC_EMA);

  /** Relative widths of the post-hoc averages tried; the widest is almost uniform. */
  static final double[] POST_HOC_WIDTHS = {0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25};

  /** Greatest {@link PostHocEma#error} of an average that is compared under its width's name. */
  private static final double POST_HOC_ERROR = 0.1;

  private static final Logger LOG = LoggerFactory.getLogger(ModelComparison.class);

  /**
   * A training at an iteration.
   *
   * @param iteration updates applied
   * @param last weights after them, float32, P elements
   * @param diverged whether a parameter is, or was, not finite
   * @param averages EMAs over all updates
   * @param window at least 2 checkpoints
   * @param postHoc power-function averages over all updates, or null
   * @param earlier the search to start from as well, or null
   * @param groups of the parameters that get coefficients of their own
   * @param ranges of the noise levels that do
   */
  record Training(
      long iteration,
      INDArray last,
      boolean diverged,
      List<ExponentialMovingAverage> averages,
      CheckpointWindow window,
      PostHocEma postHoc,
      SearchResult earlier,
      ParameterGroups groups,
      TimeRanges ranges) {

    /** Widths of the post-hoc averages that the snapshots give. */
    private double[] postHocWidths() {
      if (postHoc == null) {
        return new double[0];
      }
      double[] widths =
          Arrays.stream(POST_HOC_WIDTHS).filter(w -> postHoc.error(w) <= POST_HOC_ERROR).toArray();
      if (widths.length < POST_HOC_WIDTHS.length) {
        LOG.warn(
            "Post-hoc averages at iteration {}: of the widths {} only {} are compared, the others"
                + " cannot be made of the snapshots that ema.postHoc keeps",
            iteration,
            Arrays.toString(POST_HOC_WIDTHS),
            Arrays.toString(widths));
      }
      return widths;
    }

    /** Of the combinations that the search proposes. */
    CheckpointMerger merger() {
      return CheckpointMerger.of(window, groups, ranges);
    }

    /** Of a model's own combination: a baseline has the same coefficients everywhere. */
    private CheckpointMerger merger(ScoredModel model) {
      return model.coefficients().length > window.size() ? merger() : CheckpointMerger.of(window);
    }

    /** An array {@code [1, P]} for a model's parameters, with time ranges {@code [1, R * P]}. */
    INDArray buffer(ScoredModel model) {
      return Nd4j.createUninitializedDetached(DataType.FLOAT, 1, merger(model).parameters());
    }

    /** The parameters of a scored model: a view of {@code buffer}, or those of training itself. */
    INDArray parameters(ScoredModel model, INDArray buffer) {
      if (model.coefficients().length > 0) {
        merger(model).merge(new double[][] {model.coefficients()}, buffer);
        return buffer.reshape(buffer.length());
      }
      if (model.kind() == Kind.POST_HOC_EMA) {
        return postHoc.reconstruct(model.parameter());
      }
      return averages.stream()
          .filter(ema -> model.kind() == Kind.EMA && ema.rate() == model.parameter())
          .findFirst()
          .map(ExponentialMovingAverage::parameters)
          .orElse(last);
    }

    /** Frees what {@link #parameters} made for one model alone. */
    void release(ScoredModel model, INDArray parameters) {
      if (model.kind() == Kind.POST_HOC_EMA && model.coefficients().length == 0) {
        parameters.close();
      }
    }

    /** A new array of a model's parameters, {@code [P]}, with time ranges {@code [R * P]}. */
    INDArray copy(ScoredModel model) {
      INDArray buffer = buffer(model);
      INDArray parameters = parameters(model, buffer);
      if (model.coefficients().length > 0) {
        return parameters;
      }
      INDArray copy = buffer.reshape(buffer.length()).assign(parameters.reshape(buffer.length()));
      release(model, parameters);
      return copy;
    }
  }

  /**
   * Runs it all.
   *
   * @throws org.lcsc.search.SearchInterruptedException where the search was cancelled
   * @throws CancellationException where the scoring of the baselines was
   */
  LcscResult run(Training training) throws IOException {
    long start = System.nanoTime();
    SearchListener watcher = control.listener().apply(training.iteration());
    List<ScoredModel> ofWindow = windowBaselines(training, watcher);
    SearchResult found = search(training, ofWindow, watcher);

    List<ScoredModel> baselines = new ArrayList<>();
    baselines.add(ScoredModel.unscored(Kind.LAST, new double[0]));
    for (ExponentialMovingAverage ema : training.averages()) {
      baselines.add(ScoredModel.unscored(Kind.EMA, ema.rate(), new double[0]));
    }
    for (double width : training.postHocWidths()) {
      baselines.add(ScoredModel.unscored(Kind.POST_HOC_EMA, width, new double[0]));
    }
    StageSeconds seconds = StageSeconds.ZERO;
    for (int i = 0; i < baselines.size(); i++) {
      requireNotCancelled();
      ScoredModel baseline = baselines.get(i);
      INDArray parameters = training.parameters(baseline, null);
      Evaluation evaluation = validation.evaluate(parameters);
      training.release(baseline, parameters);
      seconds = seconds.plus(evaluation.seconds());
      baselines.set(i, baseline.withValidation(evaluation.score()));
      watcher.compared("baselines", i + 1, baselines.size());
    }
    int all = baselines.size() + ofWindow.size();
    for (ScoredModel baseline : ofWindow) {
      scored(baseline, found, training.merger().groups()).ifPresent(baselines::add);
    }

    Choice choice = safeguarded(found, baselines, training);
    ScoredModel lcsc = choice.model();
    NoiseVerdict verdict =
        noiseSets.isEmpty() ? null : verdict(lcsc, ScoredModel.best(baselines), training, watcher);
    if (reporter != null) {
      lcsc = reported(lcsc, baselines, training, watcher);
    }
    return new LcscResult(
        training.iteration(),
        found,
        lcsc,
        baselines,
        all - baselines.size(),
        choice.refused(),
        seconds,
        training.diverged(),
        validation.scoreOf(1) < 0,
        // A resumed search took longer than this call did.
        Math.max(found.totalSeconds(), (System.nanoTime() - start) * 1e-9),
        verdict);
  }

  /** A combination, and what was refused before it with the reasons. */
  private record Choice(ScoredModel model, List<String> refused) {}

  /**
   * The best on validation of what the search found and the safeguard lets take the place of EMA*,
   * else of the window's averages.
   */
  private Choice safeguarded(SearchResult found, List<ScoredModel> baselines, Training training) {
    ScoredModel star = ScoredModel.emaStar(baselines).orElseThrow();
    List<String> refused = new ArrayList<>();
    Safeguard.Comparison comparison = null;
    List<ScoredCoefficients> candidates = new ArrayList<>(found.candidates());
    candidates.sort(Comparator.comparingDouble(ScoredCoefficients::rank));
    for (ScoredCoefficients candidate : candidates) {
      ScoredModel model =
          refused.isEmpty()
              ? ScoredModel.unscored(Kind.LCSC, found.coefficients())
                  .withValidation(found.validationScore())
              : ScoredModel.unscored(Kind.LCSC, candidate.coefficients())
                  .withValidation(candidate.validationScore());
      boolean better = model.rank() < star.rank();
      if (candidate.isBaseline() || !better && refused.isEmpty()) {
        return new Choice(model, refused);
      }
      if (!better) {
        continue;
      }
      requireNotCancelled();
      if (!Double.isFinite(star.validationScore())) {
        // Samples that are not finite have no variety to keep.
        return new Choice(model, refused);
      }
      if (comparison == null) {
        INDArray rival = training.copy(star);
        comparison = safeguard.against(rival);
        rival.close();
      }
      INDArray merged = training.copy(model);
      String refusal = comparison.refusal(merged);
      merged.close();
      if (refusal == null) {
        return new Choice(model, refused);
      }
      refused.add(candidate.label() + ": " + refusal);
    }
    throw new IllegalStateException("no average of the window among the candidates");
  }

  /** Averages over the window, not scored yet. */
  private List<ScoredModel> windowBaselines(Training training, SearchListener watcher)
      throws IOException {
    long[] iterations = training.window().iterations();
    double[] rates =
        training.averages().stream().mapToDouble(ExponentialMovingAverage::rate).toArray();
    double[] given = compared.emaGrid();
    double[] grid = given == null ? EmaGrid.of(iterations) : given;
    List<ScoredModel> baselines = WindowBaselines.of(iterations, EmaGrid.union(rates, grid));
    if (compared.greedySoup() > 0) {
      baselines.add(ScoredModel.unscored(Kind.GREEDY_SOUP, soup(training, watcher).coefficients()));
    }
    return baselines;
  }

  /** Chosen on search noise as the combination is, in a search of its own. */
  private SearchResult soup(Training training, SearchListener watcher) throws IOException {
    CheckpointMerger merger = CheckpointMerger.of(training.window());
    int ingredients = compared.greedySoup();
    CheckpointSearchBuilder search =
        CheckpointSearch.builder(merger, new GreedySoup(merger.size(), ingredients), objective)
            .budget(SearchBudget.ofEvaluations(2 * ingredients))
            .listener(
                new SearchListener() {
                  @Override
                  public void evaluated(SearchEvaluation evaluation) {
                    watcher.compared("greedy soup", (int) evaluation.cost(), 2 * ingredients);
                  }
                })
            .finalists(1)
            .identity(identity)
            .cancelledBy(control.cancelled());
    if (control.states() != null) {
      search
          .state(control.states().resolve("soup-" + training.iteration() + ".bin"))
          .restartWithoutLostCheckpoints();
    }
    return search.build().run();
  }

  /** Scores the combination and the best baseline on the same further noise. */
  private NoiseVerdict verdict(
      ScoredModel lcsc, ScoredModel rival, Training training, SearchListener watcher) {
    INDArray combination = training.copy(lcsc);
    INDArray baseline = training.copy(rival);
    double[] differences = new double[noiseSets.size()];
    for (int i = 0; i < differences.length; i++) {
      requireNotCancelled();
      Objective noise = noiseSets.get(i);
      differences[i] = noise.evaluate(combination).score() - noise.evaluate(baseline).score();
      watcher.compared("further noise", i + 1, differences.length);
    }
    combination.close();
    baseline.close();
    return NoiseVerdict.of(rival.label(), differences);
  }

  private SearchResult search(
      Training training, List<ScoredModel> baselines, SearchListener watcher) throws IOException {
    List<double[]> initial = new ArrayList<>();
    for (ScoredModel baseline : baselines) {
      double[] coefficients = baseline.coefficients();
      // Rates far below the interval are all the last checkpoint.
      if (baseline.kind() == Kind.WINDOW_EMA
          && initial.stream().noneMatch(c -> Arrays.equals(c, coefficients))) {
        initial.add(coefficients.clone());
      }
    }
    CheckpointMerger merger = training.merger();
    int groups = merger.groups();
    initial.replaceAll(coefficients -> Coefficients.repeated(coefficients, groups));
    List<double[]> earlier = training.earlier() == null ? List.of() : warmStart(training, groups);
    initial.addAll(earlier);
    double[][] starts = initial.toArray(double[][]::new);
    long n = training.iteration();
    CheckpointSearchBuilder search =
        CheckpointSearch.builder(
                merger,
                strategy == null
                    ? config.newStrategy(objective, starts, earlier.size(), merger)
                    : strategy.create(starts, merger),
                objective)
            .budget(config.budget(objective))
            .validation(validation)
            .identity(identity)
            .finalists(config.finalists())
            .shrinkage(config.shrinkage().stream().mapToDouble(share -> share).toArray())
            .evaluator(control.evaluators())
            .cancelledBy(control.cancelled())
            .listener(watcher);
    Map<Kind, Map<String, double[]>> kinds = new LinkedHashMap<>();
    for (ScoredModel baseline : baselines) {
      kinds
          .computeIfAbsent(baseline.kind(), kind -> new LinkedHashMap<>())
          .put(baseline.label(), baseline.coefficients());
    }
    kinds.values().forEach(search::baselines);
    if (control.states() != null) {
      search
          .state(control.states().resolve("search-" + n + ".bin"))
          .restartWithoutLostCheckpoints();
    }
    Path log = logFile.apply(n);
    if (log != null) {
      search.log(log);
    }
    return search.build().run();
  }

  /** What the earlier search found; what it found without groups is taken for every group. */
  private static List<double[]> warmStart(Training training, int groups) {
    SearchResult earlier = training.earlier();
    long[] iterations = training.window().iterations();
    boolean single = earlier.coefficients().length == earlier.iterations().length;
    return Arrays.stream(
            WarmStart.candidates(earlier.iterations(), earlier.coefficients(), iterations))
        .map(c -> single ? Coefficients.repeated(c, groups) : c)
        .filter(c -> c.length == groups * iterations.length)
        .toList();
  }

  /**
   * A baseline may be a finalist under another name: what is the same has the same score, NaN where
   * the search found it unusable. Empty where a part of the validation samples showed it to be far
   * from the best of its kind.
   */
  private static Optional<ScoredModel> scored(
      ScoredModel baseline, SearchResult found, int groups) {
    // As the search normalised them: doing so twice could change the last bit.
    double[] coefficients = Coefficients.normalised(baseline.coefficients());
    double[] repeated = Coefficients.repeated(coefficients, groups);
    return found.candidates().stream()
        .filter(candidate -> Arrays.equals(candidate.coefficients(), repeated))
        .findFirst()
        .map(
            candidate ->
                ScoredModel.unscored(baseline.kind(), baseline.parameter(), coefficients)
                    .withValidation(
                        Double.isFinite(candidate.rank()) ? candidate.rank() : Double.NaN));
  }

  /**
   * Reports the combination, the last weights, the EMAs, EMA*, the uniform average, the soup and
   * the best baseline.
   *
   * @param baselines receive their reports
   * @return the combination with its report
   */
  private ScoredModel reported(
      ScoredModel found, List<ScoredModel> baselines, Training training, SearchListener watcher) {
    ScoredModel star = ScoredModel.emaStar(baselines).orElseThrow();
    List<ScoredModel> best = List.of(star, ScoredModel.best(baselines));
    int total =
        1
            + (int)
                baselines.stream()
                    .filter(model -> !GRIDS.contains(model.kind()) || best.contains(model))
                    .count();
    int done = 1;
    INDArray combination = training.buffer(found);
    ScoredModel lcsc = report(found, training, combination);
    combination.close();
    watcher.compared("report", done, total);
    INDArray buffer = training.buffer(star);
    for (int i = 0; i < baselines.size(); i++) {
      ScoredModel model = baselines.get(i);
      if (GRIDS.contains(model.kind()) && !best.contains(model)) {
        continue;
      }
      baselines.set(
          i,
          Arrays.equals(model.coefficients(), lcsc.coefficients())
              ? model.withReport(lcsc.reportScores())
              : report(model, training, buffer));
      watcher.compared("report", ++done, total);
    }
    buffer.close();
    return lcsc;
  }

  private ScoredModel report(ScoredModel model, Training training, INDArray buffer) {
    requireNotCancelled();
    INDArray parameters = training.parameters(model, buffer);
    ScoredModel reported = model.withReport(reporter.report(parameters));
    training.release(model, parameters);
    return reported;
  }

  private void requireNotCancelled() {
    if (Thread.currentThread().isInterrupted() || control.cancelled().getAsBoolean()) {
      throw new CancellationException("interrupted while the baselines were scored");
    }
  }
}
