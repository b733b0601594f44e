package org.lcsc.config;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * Section {@code lcsc.search}: how much one search may spend, and how it proposes coefficients.
 * Components that say "the strategy's own default" stay null where they are absent.
 *
 * @param evaluations FID computations per search (the paper's "search iterations"); one with its
 *     gradient counts as 4, or 5 where the samplers' states do not fit into memory; default {@value
 *     #GRADIENT_EVALUATIONS} by gradients, else 2000, the paper's
 * @param samples samples per evaluation, at least 2; default 10000, the paper's (5000 for its
 *     diffusion model on ImageNet-64)
 * @param seed of the search noise and of the search's random draws; default 1
 * @param strategy default: null, to be decided by {@link #decided} once it is known whether the
 *     objective has a gradient, unless another key is given that only scores alone, or only
 *     gradients, have a use for
 * @param parents the number of best candidates that parents are drawn from (M_CP), at least 1;
 *     default: the strategy's own
 * @param childrenPerGeneration children per generation, at least 1; default: the strategy's own
 * @param mixProbability chance that a child is a mixture of two parents, 0 to 1; default: the
 *     strategy's own
 * @param exchangeProbability chance that a child takes every coefficient from either of two
 *     parents, 0 to 1, with {@code mixProbability} at most 1; default: the strategy's own
 * @param mutationProbability chance that a coefficient is mutated, more than 0 to 1; default: the
 *     strategy's own
 * @param sigma expected length of the first mutations, above 0; default: the strategy's own, after
 *     gradients at most a quarter of the last stretch of their path
 * @param adaptation how fast sigma follows the success of the mutations, at least 0; 0 keeps it
 *     fixed as in Algorithm 1; default: the strategy's own
 * @param normalisation how coefficients are made to sum to 1; default: the strategy's own
 * @param finalists best candidates re-scored on validation noise, from which the result is picked,
 *     at least 1; default: the strategy's own
 * @param cma parameters of CMA-ES, only with {@code cma-es} and {@code pca-cma-es}
 * @param gradient parameters of the searches by gradients, only with {@code gradient}, {@code
 *     stochastic-gradient} and {@code gradient-evolution}
 * @param limit greatest absolute value of a coefficient, above 0; default: none
 * @param penalty added to a score for every unit of the coefficients' squared length before the
 *     strategy sees it, at least 0; default 0
 * @param ingredients checkpoints tried by {@code greedy-soup}, evenly spaced, at least 2; default:
 *     half the evaluations, or all checkpoints where they are fewer
 * @param racing scores candidates on few samples first; default: all samples at once
 * @param warmStart whether a later search also starts from what the one before it found; default
 *     false
 * @param groups layers that get coefficients of their own: {@value #ENCODER_MIDDLE_DECODER} or
 *     {@value #RESOLUTION}, or a list of regular expressions, each held against the whole names of
 *     layers and of parameters (the first that matches counts, and what none matches is one more
 *     group); default: none, one coefficient per checkpoint
 * @param timeRanges ranges of noise levels that get coefficients, and so a model, of their own: how
 *     many, with equal numbers of the sampler's evaluations, or the levels sigma at which they
 *     meet; default: 1
 */
public record SearchConfig(
    @OptionalKey Integer evaluations,
    @OptionalKey Integer samples,
    @OptionalKey Long seed,
    @OptionalKey StrategyKind strategy,
    @OptionalKey Integer parents,
    @OptionalKey Integer childrenPerGeneration,
    @OptionalKey Double mixProbability,
    @OptionalKey Double exchangeProbability,
    @OptionalKey Double mutationProbability,
    @OptionalKey Double sigma,
    @OptionalKey Double adaptation,
    @OptionalKey NormalisationKind normalisation,
    @OptionalKey Integer finalists,
    @OptionalKey CmaConfig cma,
    @OptionalKey GradientConfig gradient,
    @OptionalKey Double limit,
    @OptionalKey Double penalty,
    @OptionalKey Integer ingredients,
    @OptionalKey RacingConfig racing,
    @OptionalKey Boolean warmStart,
    @OptionalKey @OrOneOf({SearchConfig.ENCODER_MIDDLE_DECODER, SearchConfig.RESOLUTION})
        List<String> groups,
    @OptionalKey TimeRangesConfig timeRanges) {

  /** Groups of a U-Net: the way down, the lowest level with the embeddings, the way up. */
  public static final String ENCODER_MIDDLE_DECODER = "encoder-middle-decoder";

  /** Groups of a U-Net: the levels, each of one image resolution, the way down and up together. */
  public static final String RESOLUTION = "resolution";

  /** Evaluations of a search by gradients where nothing else is configured. */
  public static final int GRADIENT_EVALUATIONS = 200;

  private static final int PAPERS_EVALUATIONS = 2000;

  private static final List<StrategyKind> CMA =
      List.of(StrategyKind.CMA_ES, StrategyKind.PCA_CMA_ES);

  private static final List<StrategyKind> GRADIENT =
      List.of(
          StrategyKind.GRADIENT, StrategyKind.STOCHASTIC_GRADIENT, StrategyKind.GRADIENT_EVOLUTION);

  /** What searches more than one vector of coefficients. */
  private static final List<StrategyKind> GROUPED =
      Arrays.stream(StrategyKind.values()).filter(k -> k != StrategyKind.GREEDY_SOUP).toList();

  /** What asks for scores alone. */
  private static final List<StrategyKind> SCORES =
      Arrays.stream(StrategyKind.values()).filter(kind -> !GRADIENT.contains(kind)).toList();

  /** The paper's budget with seed 1. */
  public static final SearchConfig DEFAULT =
      new SearchConfig(
          null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
          null, null, null, null, null, null, null);

  /** Fills in the defaults and validates. */
  public SearchConfig {
    if (strategy == null) {
      boolean scores =
          Stream.of(
                  parents,
                  childrenPerGeneration,
                  mixProbability,
                  exchangeProbability,
                  mutationProbability,
                  sigma,
                  adaptation,
                  normalisation,
                  limit,
                  racing)
              .anyMatch(Objects::nonNull);
      strategy = scores ? StrategyKind.EVOLUTION : gradient != null ? StrategyKind.GRADIENT : null;
    }
    if (evaluations == null && strategy != null) {
      evaluations = GRADIENT.contains(strategy) ? GRADIENT_EVALUATIONS : PAPERS_EVALUATIONS;
    }
    if (evaluations != null) {
      Require.atLeast("evaluations", evaluations, 1);
    }
    samples = Require.atLeast("samples", samples == null ? 10_000 : samples, 2);
    seed = seed == null ? 1L : seed;
    if (parents != null) {
      Require.atLeast("parents", parents, 1);
    }
    if (childrenPerGeneration != null) {
      Require.atLeast("childrenPerGeneration", childrenPerGeneration, 1);
    }
    if (mixProbability != null) {
      Require.between("mixProbability", mixProbability, 0, 1);
    }
    if (exchangeProbability != null) {
      double most = mixProbability == null ? 1 : 1 - mixProbability;
      Require.between("exchangeProbability", exchangeProbability, 0, most);
    }
    if (mutationProbability != null && !(mutationProbability > 0 && mutationProbability <= 1)) {
      throw new InvalidValueException(
          "mutationProbability",
          "out of range (" + mutationProbability + "), allowed: more than 0 to 1");
    }
    if (sigma != null) {
      Require.positive("sigma", sigma);
    }
    if (adaptation != null) {
      Require.notNegative("adaptation", adaptation);
    }
    if (finalists != null) {
      Require.atLeast("finalists", finalists, 1);
      if (evaluations != null && finalists > evaluations) {
        throw new InvalidValueException(
            "finalists",
            "more than evaluations ("
                + finalists
                + ", evaluations "
                + evaluations
                + "), allowed: 1 to "
                + evaluations);
      }
    }
    Require.onlyWith("cma", cma, "strategy", strategy, CMA);
    if (cma != null) {
      List<StrategyKind> pca = List.of(StrategyKind.PCA_CMA_ES);
      Require.onlyWith("cma.components", cma.components(), "strategy", strategy, pca);
      Require.onlyWith("cma.whitening", cma.whitening(), "strategy", strategy, pca);
    }
    Require.onlyWith("gradient", gradient, "strategy", strategy, GRADIENT);
    if (gradient != null) {
      Require.onlyWith(
          "gradient.gradients",
          gradient.gradients(),
          "strategy",
          strategy,
          List.of(StrategyKind.GRADIENT_EVOLUTION));
    }
    if (strategy != null) {
      Require.onlyWith("limit", limit, "strategy", strategy, SCORES);
      Require.onlyWith("racing", racing, "strategy", strategy, SCORES);
    }
    if (limit != null) {
      Require.positive("limit", limit);
    }
    if (penalty != null) {
      Require.notNegative("penalty", penalty);
    }
    Require.onlyWith(
        "ingredients", ingredients, "strategy", strategy, List.of(StrategyKind.GREEDY_SOUP));
    if (ingredients != null) {
      Require.atLeast("ingredients", ingredients, 2);
    }
    warmStart = warmStart != null && warmStart;
    if (strategy != null) {
      Require.onlyWith("groups", groups, "strategy", strategy, GROUPED);
      Require.onlyWith("timeRanges", timeRanges, "strategy", strategy, GROUPED);
    }
    groups = groups == null ? null : checkGroups(groups);
    timeRanges = timeRanges == null ? null : timeRanges.checked("timeRanges");
  }

  /**
   * These settings with a strategy.
   *
   * @param gradients whether the objective has a gradient: then {@link StrategyKind#GRADIENT} where
   *     no strategy is named, else {@link StrategyKind#EVOLUTION}
   */
  public SearchConfig decided(boolean gradients) {
    return strategy != null
        ? this
        : new SearchConfig(
            evaluations,
            samples,
            seed,
            gradients ? StrategyKind.GRADIENT : StrategyKind.EVOLUTION,
            parents,
            childrenPerGeneration,
            mixProbability,
            exchangeProbability,
            mutationProbability,
            sigma,
            adaptation,
            normalisation,
            finalists,
            cma,
            gradient,
            limit,
            penalty,
            ingredients,
            racing,
            warmStart,
            groups,
            timeRanges);
  }

  private static List<String> checkGroups(List<String> groups) {
    List<String> checked = Require.distinct("groups", groups);
    for (int i = 0; i < checked.size(); i++) {
      String key = "groups[" + i + "]";
      try {
        Pattern.compile(Require.notBlank(key, checked.get(i)));
      } catch (PatternSyntaxException e) {
        throw new InvalidValueException(
            key,
            "no regular expression ("
                + Printable.oneLine(checked.get(i))
                + ": "
                + e.getDescription()
                + "), allowed: one for names of layers or parameters, such as down.*");
      }
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
