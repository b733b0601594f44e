package org.lcsc.config;

/**
 * Section {@code lcsc.search.cma}: the parameters of CMA-ES beside {@code sigma}, {@code limit} and
 * {@code normalisation}. Absent components stay null: the strategy's own default.
 *
 * @param covariance what of the covariance is adapted
 * @param population samples per generation, at least 4
 * @param components principal components searched along, at least 1, only with {@code pca-cma-es}
 * @param whitening from 0, unit steps change the coefficients equally, to 1, they change the
 *     parameters equally; only with {@code pca-cma-es}
 */
public record CmaConfig(
    @OptionalKey CovarianceKind covariance,
    @OptionalKey Integer population,
    @OptionalKey Integer components,
    @OptionalKey Double whitening) {

  /** The strategy's own defaults. */
  public static final CmaConfig DEFAULT = new CmaConfig(null, null, null, null);

  /** Validates. */
  public CmaConfig {
    if (population != null) {
      Require.atLeast("population", population, 4);
    }
    if (components != null) {
      Require.atLeast("components", components, 1);
    }
    if (whitening != null) {
      Require.between("whitening", whitening, 0, 1);
    }
  }
}
