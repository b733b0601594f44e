package org.lcsc.search;

/** Why a search ended. */
public enum StopReason {
  /** The budget's evaluations are used up. */
  EVALUATIONS,
  /** The budget's seconds are used up. */
  TIME,
  /** A candidate reached the target score. */
  TARGET,
  /** The strategy has nothing left to propose. */
  EXHAUSTED
}
