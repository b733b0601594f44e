package org.lcsc.search.strategy;

import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.search.strategy.CmaEs.Covariance;

/**
 * {@link CmaEs} along the leading principal components of the window.
 *
 * @param components how many, at least 1
 * @param whitening from 0, unit steps change the coefficients equally, to 1, they change the
 *     parameters equally
 * @param covariance what of the covariance is adapted
 * @param population samples per generation, at least 4; default: {@code 4 + floor(3 ln n)}
 * @param sigma expected length of the first samples' steps, above 0
 * @param convex whether all coefficients stay at or above 0
 * @param limit greatest absolute value of a coefficient, above 0; default: none
 * @param penalty added to a score for every unit of the coefficients' squared length, at least 0
 * @see SearchDirections#DEFAULT_COMPONENTS
 */
@Kind("pca-cma-es")
public record PcaCmaEs(
    int components,
    double whitening,
    Covariance covariance,
    @OptionalKey Integer population,
    double sigma,
    boolean convex,
    @OptionalKey Double limit,
    double penalty)
    implements StrategySettings {

  private static final CmaEs.Parameters OPEN = CmaEs.Parameters.SEPARABLE;

  public PcaCmaEs() {
    this(
        SearchDirections.DEFAULT_COMPONENTS,
        SearchDirections.DEFAULT_WHITENING,
        OPEN.covariance(),
        OPEN.population(),
        OPEN.sigma(),
        OPEN.convex(),
        OPEN.limit(),
        OPEN.penalty());
  }

  public PcaCmaEs {
    Require.atLeast("components", components, 1);
    Require.between("whitening", whitening, 0, 1);
    new CmaEs.Parameters(covariance, population, sigma, convex, limit, penalty);
  }

  @Override
  public SearchStrategy create(Start start) {
    SearchDirections directions =
        SearchDirections.principalComponents(start.merger().centredGrams(), components, whitening);
    return parameters().create(kind(), directions, start);
  }

  private CmaEs.Parameters parameters() {
    return new CmaEs.Parameters(covariance, population, sigma, convex, limit, penalty);
  }

  @Override
  public int generation(int checkpoints) {
    return parameters().population(Math.min(checkpoints - 1, components));
  }
}
