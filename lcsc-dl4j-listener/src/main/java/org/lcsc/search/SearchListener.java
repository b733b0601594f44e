package org.lcsc.search;

/** Watches a search. Called on the searching thread; an exception ends the search. */
public interface SearchListener {

  /** One candidate was scored on the search objective. */
  default void evaluated(SearchEvaluation evaluation) {}

  /**
   * One finalist or baseline was scored on the validation objective.
   *
   * @param candidate the candidate with its validation score
   * @param done candidates validated so far, this one included
   * @param total candidates to be validated
   */
  default void validated(ScoredCoefficients candidate, int done, int total) {}
}
