package org.lcsc.config;

/** What of its covariance CMA-ES adapts. */
public enum CovarianceKind {
  /** All of it. */
  FULL,
  /** The variances alone: separable CMA-ES. */
  DIAGONAL
}
