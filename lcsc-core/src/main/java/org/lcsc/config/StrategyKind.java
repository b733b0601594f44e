package org.lcsc.config;

/** How a search proposes coefficients. */
public enum StrategyKind {
  /** The evolutionary search of the paper, Algorithm 1. */
  EVOLUTION,
  /** CMA-ES over all coefficients, with a diagonal covariance unless told otherwise. */
  CMA_ES,
  /** CMA-ES along the leading principal components of the window. */
  PCA_CMA_ES,
  /** Greedy soup: checkpoints enter a uniform average one by one where it gains from them. */
  GREEDY_SOUP,
  /** L-BFGS on the exact gradient of the objective with respect to the coefficients. */
  GRADIENT,
  /** Adam on that gradient, with new noise at every step. */
  STOCHASTIC_GRADIENT,
  /** {@link #GRADIENT} for a part of the budget, {@link #EVOLUTION} from its path after that. */
  GRADIENT_EVOLUTION
}
