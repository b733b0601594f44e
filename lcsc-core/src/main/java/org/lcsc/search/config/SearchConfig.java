package org.lcsc.search.config;

import java.util.List;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.MovedKey;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.OrOneOf;
import org.lcsc.config.Require;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Objective;
import org.lcsc.objective.PartialObjective;
import org.lcsc.search.SearchBudget;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.search.strategy.GradientSearch;
import org.lcsc.search.strategy.RacingSearch;
import org.lcsc.search.strategy.SearchStrategy;
import org.lcsc.search.strategy.StrategySettings;

/**
 * Section {@code lcsc.search}: how much one search may spend, and how it proposes coefficients.
 *
 * @param evaluations evaluations of the objective per search (the paper's "search iterations"); one
 *     with its gradient counts as what it costs; default: 40 with {@code strategy: gradient}, 200
 *     with the others by gradients, 2000 with all others
 * @param seconds the most seconds per search, above 0; such a search cannot be reproduced; default:
 *     none
 * @param targetScore a search ends once a candidate scores as well as this on search noise, in the
 *     objective's own units; default: none
 * @param samples samples per evaluation, at least 2; the default is the paper's (5000 for its
 *     diffusion model on ImageNet-64)
 * @param gradientSamples samples that a gradient is taken through, at most {@code samples}, of
 *     which the score is, rounded up to whole batches of the sampler; has an effect with strategies
 *     by gradients alone; default: a quarter of them, or {@value #LEAST_GRADIENT_SAMPLES} where
 *     that is fewer
 * @param seed of the search noise and of the search's random draws
 * @param strategy how coefficients are proposed; default: {@code gradient} where the objective has
 *     a gradient, else {@code evolution}
 * @param finalists best candidates scored on validation noise, from which the result is picked, at
 *     least 1
 * @param shrinkage shares, above 0 and below 1, of the way from the best average of the window to
 *     the best finalist: these combinations are validated too, which takes back what fits the noise
 *     of the search only; default: {@code [0.75, 0.5, 0.25]}, {@code []} for none
 * @param keepRecall whether a combination whose samples cover less of the real images than EMA*'s
 *     is refused: less coverage, or less recall without more coverage; in runs, not in searches of
 *     other frameworks' checkpoints
 * @param racing scores candidates on few samples first, only with strategies that ask for scores
 *     alone; default: all samples at once
 * @param warmStart whether a later search also starts from what the one before it found
 * @param groups layers that get coefficients of their own: {@value #ENCODER_MIDDLE_DECODER} or
 *     {@value #RESOLUTION}, or a list of regular expressions, each held against the whole names of
 *     layers and of parameters (the first that matches counts, and what none matches is one more
 *     group); default: none, one coefficient per checkpoint
 * @param timeRanges ranges of noise levels that get coefficients, and so a model, of their own: how
 *     many, with equal numbers of the sampler's evaluations, or the levels sigma at which they
 *     meet; default: 1
 */
@MovedKey(
    keys = {
      "parents",
      "childrenPerGeneration",
      "mixProbability",
      "exchangeProbability",
      "mutationProbability",
      "sigma",
      "adaptation",
      "normalisation",
      "limit",
      "penalty"
    },
    to = "strategy: { kind: {strategy|evolution}, {key}: {value} }")
@MovedKey(keys = "ingredients", to = "strategy: { kind: greedy-soup, ingredients: {value} }")
@MovedKey(keys = "cma", to = "strategy: { kind: {strategy|cma-es}, population: ..., ... }")
@MovedKey(keys = "gradient", to = "strategy: { kind: {strategy|gradient}, step: ..., ... }")
public record SearchConfig(
    @OptionalKey Integer evaluations,
    @OptionalKey Double seconds,
    @OptionalKey Double targetScore,
    int samples,
    @OptionalKey Integer gradientSamples,
    long seed,
    @OptionalKey StrategySettings strategy,
    int finalists,
    List<Double> shrinkage,
    boolean keepRecall,
    @OptionalKey RacingConfig racing,
    boolean warmStart,
    @OptionalKey @OrOneOf({SearchConfig.ENCODER_MIDDLE_DECODER, SearchConfig.RESOLUTION})
        List<String> groups,
    @OptionalKey TimeRangesConfig timeRanges) {

  /** Fewer give directions that fit themselves. */
  private static final int LEAST_GRADIENT_SAMPLES = 250;

  private static final List<Double> SHRINKAGE = List.of(0.75, 0.5, 0.25);

  /** Groups of a U-Net: the way down, the lowest level with the embeddings, the way up. */
  public static final String ENCODER_MIDDLE_DECODER = "encoder-middle-decoder";

  /** Groups of a U-Net: the levels, each of one image resolution, the way down and up together. */
  public static final String RESOLUTION = "resolution";

  /** The defaults: the paper's budget with seed 1. */
  public SearchConfig() {
    this(null, null, null, 10_000, null, 1, null, 5, SHRINKAGE, true, null, false, null, null);
  }

  /** Fills in the defaults and validates. */
  public SearchConfig {
    if (evaluations == null && strategy != null) {
      evaluations = strategy.evaluations();
    }
    Require.atLeast("evaluations", evaluations, 1);
    Require.positive("seconds", seconds);
    Require.atLeast("samples", samples, 2);
    Require.between("gradientSamples", gradientSamples, 1, samples);
    Require.atLeast("finalists", finalists, 1);
    for (double share : shrinkage) {
      Require.not(
          !(share > 0 && share < 1),
          "shrinkage",
          "expected shares above 0 and below 1, got %s",
          share);
    }
    shrinkage = List.copyOf(shrinkage);
    if (racing != null && strategy != null && strategy.wantsGradients()) {
      throw noEffect("racing", strategy, "a strategy that asks for scores alone");
    }
    if (racing != null && strategy != null && strategy.generation(2) == 1) {
      throw noEffect("racing", strategy, "a strategy that asks for several scores at a time");
    }
    boolean single = strategy != null && !strategy.searchesGroups();
    if (single && (groups != null || timeRanges != null)) {
      throw noEffect(
          groups != null ? "groups" : "timeRanges", strategy, "a strategy that searches groups");
    }
    groups = groups == null ? null : checkGroups(groups);
    timeRanges = timeRanges == null ? null : timeRanges.checked("timeRanges");
  }

  /**
   * These settings with a strategy.
   *
   * @param gradients whether the objective has a gradient: then {@link GradientSearch} where no
   *     strategy is named, else {@link EvolutionarySearch}
   */
  public SearchConfig decided(boolean gradients) {
    return strategy != null
        ? this
        : with(
            gradients && racing == null
                ? GradientSearch.Parameters.DEFAULTS
                : EvolutionarySearch.Parameters.DEFAULTS);
  }

  /** Samples that a gradient is taken through. */
  public int samplesOfGradient() {
    return gradientSamples == null
        ? Math.min(samples, Math.max(LEAST_GRADIENT_SAMPLES, samples / 4))
        : gradientSamples;
  }

  /** The same with another strategy. */
  public SearchConfig with(StrategySettings other) {
    return with(evaluations, gradientSamples, other, timeRanges);
  }

  /** The same for one model at all noise levels. */
  public SearchConfig withoutTimeRanges() {
    return with(evaluations, gradientSamples, strategy, null);
  }

  /** The same with another number of evaluations. */
  public SearchConfig withEvaluations(int other) {
    return with(other, gradientSamples, strategy, timeRanges);
  }

  /** The same with gradients through so many samples. */
  public SearchConfig withGradientSamples(int other) {
    return with(evaluations, other, strategy, timeRanges);
  }

  private SearchConfig with(
      Integer evaluations,
      Integer gradientSamples,
      StrategySettings strategy,
      TimeRangesConfig timeRanges) {
    return new SearchConfig(
        evaluations,
        seconds,
        targetScore,
        samples,
        gradientSamples,
        seed,
        strategy,
        finalists,
        shrinkage,
        keepRecall,
        racing,
        warmStart,
        groups,
        timeRanges);
  }

  /**
   * Makes the strategy, with its racing, for a search of an objective; to be called once the
   * strategy is decided.
   *
   * @param initial candidates to start from, {@code [B, G * K]}, every group's coefficients of sum
   *     1
   * @param earlier how many of these, the last, an earlier search found
   * @param merger the checkpoints; read now, not kept
   */
  public SearchStrategy newStrategy(
      Objective objective, double[][] initial, int earlier, CheckpointMerger merger) {
    double cost = objective instanceof DifferentiableObjective d ? d.gradientCost() : 1;
    SearchStrategy made =
        strategy.create(
            new StrategySettings.Start(initial, earlier, merger, evaluations, cost, seed));
    return racing == null ? made : new RacingSearch(made, racing.share(), racing.survivors());
  }

  /**
   * Refuses an objective that searches with these settings could not score, before any work.
   *
   * @param section what stands before the keys in messages, such as {@code lcsc.search.}
   * @throws InvalidValueException where it lacks a gradient or a share that is wanted
   */
  public void require(String section, Objective objective) {
    if (racing != null) {
      Require.possible(section + "racing", () -> PartialObjective.require(objective));
    }
    if (strategy != null) {
      Require.possible(
          section + "strategy",
          () -> {
            strategy.require(objective);
            return strategy;
          });
    }
  }

  /** When a search of an objective stops; to be called once the strategy is decided. */
  public SearchBudget budget(Objective objective) {
    return new SearchBudget(
        evaluations,
        seconds == null ? Double.POSITIVE_INFINITY : seconds,
        targetScore == null ? Double.NEGATIVE_INFINITY : objective.scoreOf(targetScore));
  }

  private static InvalidValueException noEffect(
      String key, StrategySettings strategy, String allowed) {
    return new InvalidValueException(
        key, "has no effect with strategy: " + strategy.kind() + ", allowed: only with " + allowed);
  }

  private static List<String> checkGroups(List<String> groups) {
    List<String> checked = Require.distinct("groups", groups);
    for (int i = 0; i < checked.size(); i++) {
      String key = "groups[" + i + "]";
      Require.pattern(
          key,
          Require.notBlank(key, checked.get(i)),
          "names of layers or parameters, such as down.*");
      boolean name = List.of(ENCODER_MIDDLE_DECODER, RESOLUTION).contains(checked.get(i));
      if (name && checked.size() > 1) {
        throw new InvalidValueException(
            key,
            "beside others (" + checked.get(i) + "), allowed: that name alone, or patterns alone");
      }
    }
    return checked;
  }
}
