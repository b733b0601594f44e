package org.lcsc.config;

/** How a search proposes coefficients. */
public enum StrategyKind {
  /** The evolutionary search of the paper, Algorithm 1. */
  EVOLUTION
}
