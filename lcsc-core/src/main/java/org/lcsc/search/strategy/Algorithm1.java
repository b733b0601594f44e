package org.lcsc.search.strategy;

import org.lcsc.config.Kind;
import org.lcsc.search.strategy.EvolutionarySearch.Parameters;

/**
 * Algorithm 1 of the paper to the letter: {@link EvolutionarySearch} that divides by the sum of the
 * coefficients (line 10) and keeps the length of its mutations. The paper does not give its
 * numbers; these are those of {@link Parameters} but for sigma, whose measurements stand there.
 *
 * @param parents M_CP, how many of the best are drawn from, at least 1
 * @param childrenPerGeneration at least 1
 * @param mixProbability chance that a child is a mixture of two parents, 0 to 1
 * @param exchangeProbability chance that a child takes every coefficient from either of two
 *     parents, 0 to 1, with {@code mixProbability} at most 1; else it is a copy of one
 * @param sigma expected length of a mutation, above 0
 */
@Kind("algorithm-1")
public record Algorithm1(
    int parents,
    int childrenPerGeneration,
    double mixProbability,
    double exchangeProbability,
    double sigma)
    implements StrategySettings {

  private static final Parameters OPEN = Parameters.DEFAULTS;

  public Algorithm1() {
    this(
        OPEN.parents(),
        OPEN.childrenPerGeneration(),
        OPEN.mixProbability(),
        OPEN.exchangeProbability(),
        0.1);
  }

  public Algorithm1 {
    Parameters.check(parents, childrenPerGeneration, mixProbability, exchangeProbability, sigma);
  }

  /** The same as parameters of the evolution. */
  public Parameters parameters() {
    return new Parameters(
        parents,
        childrenPerGeneration,
        mixProbability,
        exchangeProbability,
        1,
        sigma,
        OPEN.successTarget(),
        0,
        Normalisation.DIVIDE,
        OPEN.minimumSum(),
        null,
        0);
  }

  @Override
  public SearchStrategy create(Start start) {
    return new EvolutionarySearch(
        kind(), start.initial(), parameters(), start.merger().groups(), start.seed());
  }

  @Override
  public int generation(int checkpoints) {
    return childrenPerGeneration;
  }
}
