package org.lcsc.experiment;

import java.nio.file.Path;
import org.lcsc.checkpoint.CheckpointDataType;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindowBuilder;
import org.lcsc.config.CmaConfig;
import org.lcsc.config.CovarianceKind;
import org.lcsc.config.GradientConfig;
import org.lcsc.config.NormalisationKind;
import org.lcsc.config.RacingConfig;
import org.lcsc.config.SearchConfig;
import org.lcsc.config.StorageConfig;
import org.lcsc.config.TimeRangesConfig;
import org.lcsc.config.YamlNames;
import org.lcsc.diffusion.sampler.Sampler;
import org.lcsc.diffusion.unet.UNetGroups;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.strategy.CmaEs;
import org.lcsc.search.strategy.CoefficientLimits;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.search.strategy.GradientFirstSearch;
import org.lcsc.search.strategy.GradientSearch;
import org.lcsc.search.strategy.GreedySoup;
import org.lcsc.search.strategy.Normalisation;
import org.lcsc.search.strategy.PenalisedSearch;
import org.lcsc.search.strategy.RacingSearch;
import org.lcsc.search.strategy.SearchDirections;
import org.lcsc.search.strategy.SearchStrategy;
import org.lcsc.search.strategy.StochasticGradientSearch;
import org.lcsc.search.strategy.StrategyFactory;

/**
 * The plugin's objects for what a configuration file names.
 *
 * <p>Thread-safe: it has no state.
 */
public final class SearchSettings {

  /** Evaluations that a value with its gradient counts as where all fits into memory. */
  private static final int GRADIENT_COST = 4;

  private SearchSettings() {}

  /** Algorithm 1's parameters: the configured ones over the defaults. */
  static EvolutionarySearch.Parameters parameters(SearchConfig search) {
    EvolutionarySearch.Parameters d = EvolutionarySearch.Parameters.DEFAULTS;
    return new EvolutionarySearch.Parameters(
        or(search.parents(), d.parents()),
        or(search.childrenPerGeneration(), d.children()),
        or(search.mixProbability(), d.mixProbability()),
        or(search.exchangeProbability(), d.exchangeProbability()),
        or(search.mutationProbability(), d.mutationProbability()),
        or(search.sigma(), d.sigma()),
        d.successTarget(),
        or(search.adaptation(), d.adaptation()),
        search.normalisation() == null
            ? d.normalisation()
            : Normalisation.valueOf(search.normalisation().name()),
        d.minimumSum());
  }

  /** The configured strategy, with its penalty and its racing. */
  public static StrategyFactory strategy(SearchConfig search) {
    StrategyFactory factory =
        switch (search.strategy()) {
          case EVOLUTION ->
              (initial, window) ->
                  new EvolutionarySearch(
                      initial, parameters(search), limits(search), window.groups(), search.seed());
          case CMA_ES ->
              (initial, window) ->
                  cma(
                      search,
                      SearchDirections.coefficients(window.size(), window.groups()),
                      initial);
          case PCA_CMA_ES -> (initial, window) -> cma(search, components(search, window), initial);
          case GREEDY_SOUP ->
              (initial, window) ->
                  new GreedySoup(
                      window.size(),
                      or(search.ingredients(), Math.max(2, search.evaluations() / 2)));
          case GRADIENT -> (initial, window) -> gradient(search, initial, window);
          case STOCHASTIC_GRADIENT -> (initial, window) -> stochastic(search, initial, window);
          case GRADIENT_EVOLUTION ->
              (initial, window) -> gradientEvolution(search, initial, window);
        };
    return (initial, window) -> {
      SearchStrategy strategy = factory.create(initial, window);
      double penalty = or(search.penalty(), 0.0);
      // A search by gradients has the penalty's gradient too.
      if (penalty > 0 && !wantsGradients(search)) {
        strategy = new PenalisedSearch(strategy, penalty);
      }
      RacingConfig racing = search.racing();
      return racing == null
          ? strategy
          : new RacingSearch(strategy, racing.share(), racing.survivors());
    };
  }

  /**
   * How many candidates the configured strategy proposes at once, which can be scored side by side.
   *
   * @param checkpoints of the window, K
   */
  public static int generation(SearchConfig search, int checkpoints) {
    CmaConfig cma = or(search.cma(), CmaConfig.DEFAULT);
    return switch (search.strategy()) {
      case EVOLUTION -> parameters(search).children();
      case CMA_ES -> or(cma.population(), population(checkpoints - 1));
      case PCA_CMA_ES ->
          or(
              cma.population(),
              population(
                  Math.min(
                      checkpoints - 1, or(cma.components(), SearchDirections.DEFAULT_COMPONENTS))));
      // Each step starts from where the one before it led.
      case GREEDY_SOUP, GRADIENT, STOCHASTIC_GRADIENT, GRADIENT_EVOLUTION -> 1;
    };
  }

  /** CMA-ES's usual population. */
  private static int population(int dimension) {
    return 4 + (int) (3 * Math.log(Math.max(1, dimension)));
  }

  /** Whether the configured strategy needs an objective with a gradient. */
  public static boolean wantsGradients(SearchConfig search) {
    return switch (search.strategy()) {
      case GRADIENT, STOCHASTIC_GRADIENT, GRADIENT_EVOLUTION -> true;
      case EVOLUTION, CMA_ES, PCA_CMA_ES, GREEDY_SOUP -> false;
    };
  }

  /** The configured groups of parameters. */
  public static ParameterGrouping grouping(SearchConfig search) {
    if (search.groups() == null) {
      return ParameterGrouping.NONE;
    }
    return switch (search.groups().get(0)) {
      case SearchConfig.ENCODER_MIDDLE_DECODER -> UNetGroups.encoderMiddleDecoder();
      case SearchConfig.RESOLUTION -> UNetGroups.resolution();
      default -> ParameterGrouping.patterns(search.groups());
    };
  }

  /**
   * The configured ranges of noise levels.
   *
   * @throws IllegalArgumentException where the sampler has no evaluations in one of them
   */
  static TimeRanges timeRanges(SearchConfig search, Sampler sampler) {
    TimeRangesConfig ranges = search.timeRanges();
    if (ranges == null || Integer.valueOf(1).equals(ranges.count())) {
      return TimeRanges.ONE;
    }
    double[] levels = sampler.noiseLevels();
    return ranges.count() != null
        ? TimeRanges.equalShares(ranges.count(), levels)
        : new TimeRanges(ranges.boundaries()).requireUsed(levels);
  }

  private static GradientFirstSearch gradientEvolution(
      SearchConfig search, double[][] initial, CheckpointMerger window) {
    GradientConfig gradient = or(search.gradient(), GradientConfig.DEFAULT);
    EvolutionarySearch.Parameters evolution = parameters(search);
    double penalty = or(search.penalty(), 0.0);
    return new GradientFirstSearch(
        gradient(search, initial, window),
        or(gradient.gradients(), Math.max(1, search.evaluations() / (2 * GRADIENT_COST))),
        evolution.parents(),
        points -> {
          double sigma = or(search.sigma(), Math.min(evolution.sigma(), stretch(points)));
          SearchStrategy second =
              new EvolutionarySearch(
                  points,
                  evolution.withSigma(sigma),
                  limits(search),
                  window.groups(),
                  search.seed());
          return penalty > 0 ? new PenalisedSearch(second, penalty) : second;
        });
  }

  /**
   * A length of mutations that is small beside the path's last stretch: a longer one would leave
   * what the gradients found.
   */
  private static double stretch(double[][] points) {
    double square = 0;
    for (int k = 0; points.length > 1 && k < points[0].length; k++) {
      square += Math.pow(points[0][k] - points[1][k], 2);
    }
    return square > 0 ? Math.sqrt(square) / 4 : Double.POSITIVE_INFINITY;
  }

  private static GradientSearch gradient(
      SearchConfig search, double[][] initial, CheckpointMerger window) {
    GradientConfig gradient = or(search.gradient(), GradientConfig.DEFAULT);
    GradientSearch.Parameters d = GradientSearch.Parameters.DEFAULTS;
    return new GradientSearch(
        directions(gradient, window),
        spread(initial, gradient.starts()),
        new GradientSearch.Parameters(
            d.memory(),
            or(gradient.step(), d.firstStep()),
            d.trials(),
            or(search.penalty(), d.penalty())));
  }

  private static StochasticGradientSearch stochastic(
      SearchConfig search, double[][] initial, CheckpointMerger window) {
    GradientConfig gradient = or(search.gradient(), GradientConfig.DEFAULT);
    StochasticGradientSearch.Parameters d = StochasticGradientSearch.Parameters.DEFAULTS;
    return new StochasticGradientSearch(
        directions(gradient, window),
        spread(initial, gradient.starts()),
        new StochasticGradientSearch.Parameters(
            or(gradient.step(), d.learningRate()),
            d.meanDecay(),
            d.squareDecay(),
            d.stepsPerCheck(),
            or(search.penalty(), d.penalty())));
  }

  private static SearchDirections directions(GradientConfig gradient, CheckpointMerger window) {
    return SearchDirections.principalComponents(
        window.centredGrams(),
        or(gradient.components(), window.size()),
        or(gradient.whitening(), SearchDirections.DEFAULT_WHITENING));
  }

  /** The most candidates wanted, evenly spread over those there are. */
  private static double[][] spread(double[][] initial, int most) {
    int count = Math.min(most, initial.length);
    double[][] chosen = new double[count][];
    for (int i = 0; i < count; i++) {
      chosen[i] = initial[(2 * i + 1) * initial.length / (2 * count)];
    }
    return chosen;
  }

  private static CmaEs cma(SearchConfig search, SearchDirections directions, double[][] initial) {
    CmaConfig cma = or(search.cma(), CmaConfig.DEFAULT);
    CmaEs.Parameters d = CmaEs.Parameters.SEPARABLE;
    CmaEs.Parameters parameters =
        new CmaEs.Parameters(
            CmaEs.Covariance.valueOf(or(cma.covariance(), CovarianceKind.DIAGONAL).name()),
            or(cma.population(), d.population()),
            or(search.sigma(), d.sigma()));
    return new CmaEs(
        YamlNames.of(search.strategy()),
        directions,
        initial,
        parameters,
        limits(search),
        search.seed());
  }

  private static SearchDirections components(SearchConfig search, CheckpointMerger window) {
    CmaConfig cma = or(search.cma(), CmaConfig.DEFAULT);
    return SearchDirections.principalComponents(
        window.centredGrams(),
        or(cma.components(), SearchDirections.DEFAULT_COMPONENTS),
        or(cma.whitening(), SearchDirections.DEFAULT_WHITENING));
  }

  /** Bounds of every coefficient: the convex hull, and the largest magnitude. */
  private static CoefficientLimits limits(SearchConfig search) {
    double most = or(search.limit(), Double.POSITIVE_INFINITY);
    boolean convex = search.normalisation() == NormalisationKind.CONVEX;
    return new CoefficientLimits(convex ? 0 : -most, convex ? Math.min(1, most) : most);
  }

  private static <T> T or(T value, T otherwise) {
    return value == null ? otherwise : value;
  }

  /**
   * Gives a window the configured number format and storage.
   *
   * @param file of a mapped window
   */
  public static CheckpointWindowBuilder stored(
      StorageConfig storage, CheckpointWindowBuilder builder, Path file) {
    builder.dataType(dataType(storage));
    return storage.kind() == StorageConfig.Kind.MAPPED ? builder.mapped(file) : builder.inMemory();
  }

  /** The number format of stored checkpoints. */
  public static CheckpointDataType dataType(StorageConfig storage) {
    return CheckpointDataType.valueOf(storage.dataType().name());
  }
}
