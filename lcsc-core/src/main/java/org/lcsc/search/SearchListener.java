package org.lcsc.search;

import org.lcsc.search.strategy.ScoredCoefficients;

/** Watches a search. Called on the searching thread; an exception ends the search. */
public interface SearchListener {

  /**
   * A search that was interrupted continues. Called once, before anything else.
   *
   * @param evaluations how many it had made
   */
  default void resumed(int evaluations) {}

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

  /**
   * Around the search itself: a model was scored that it is compared with, or the combination on
   * further noise.
   *
   * @param stage what the scores are for, in a word or two
   * @param done models scored in this stage so far, this one included
   * @param total models that are to be
   */
  default void compared(String stage, int done, int total) {}
}
