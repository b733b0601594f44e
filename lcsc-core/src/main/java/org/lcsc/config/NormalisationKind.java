package org.lcsc.config;

/** How a search makes coefficients sum to 1. */
public enum NormalisationKind {
  /** Subtracts the excess of the sum in equal parts. */
  PROJECT,
  /** Divides by the sum: Algorithm 1, line 10. */
  DIVIDE,
  /** Drops negative coefficients, then divides: the paper's Table 14. */
  CONVEX
}
