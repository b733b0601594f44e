package org.lcsc.search;

import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.search.strategy.GradientSearch;
import org.lcsc.search.strategy.SearchDirections;
import org.lcsc.search.strategy.StochasticGradientSearch;

/** Searches with the defaults, along all principal components of a window. */
final class GradientSearches {

  private GradientSearches() {}

  static GradientSearch gradient(double[][] initial, CheckpointMerger merger) {
    return new GradientSearch(all(merger), initial, GradientSearch.Parameters.DEFAULTS);
  }

  static StochasticGradientSearch stochastic(double[][] initial, CheckpointMerger merger) {
    return new StochasticGradientSearch(
        all(merger), initial, StochasticGradientSearch.Parameters.DEFAULTS);
  }

  private static SearchDirections all(CheckpointMerger merger) {
    return SearchDirections.principalComponents(
        merger.centredGrams(), merger.size(), SearchDirections.DEFAULT_WHITENING);
  }
}
