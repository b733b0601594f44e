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
  GREEDY_SOUP
}
