package org.lcsc.search.strategy;

/** How the coefficients of a child are made to sum to 1. */
public enum Normalisation {
  /**
   * The excess of the sum over 1 is taken from the mutated coefficients in equal parts, so that a
   * mutation stays within the plane of sum 1 and has the same size wherever it happens.
   */
  PROJECT,
  /** alpha / sum(alpha), line 10 of Algorithm 1; a child whose sum is near 0 is drawn anew. */
  DIVIDE,
  /**
   * Negative coefficients are set to 0 before the division: the search within the convex hull of
   * the checkpoints (the paper's Table 14, where it is the worse choice).
   */
  CONVEX
}
