package org.lcsc.listener;

import java.util.ArrayList;
import java.util.List;
import org.lcsc.search.SearchResult;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the searches of a training have found so far. Not thread-safe. */
final class SearchResults {

  private final boolean warmStart;
  private final List<LcscResult> list = new ArrayList<>();
  private INDArray merged;
  private INDArray best;
  private LcscResult bestResult;

  /** Whether the latest result's files are whole; while they are not, what it took the place of. */
  private boolean written = true;

  private INDArray bestBefore;

  /**
   * None.
   *
   * @param warmStart whether a search also starts from what the one before it found
   */
  SearchResults(boolean warmStart) {
    this.warmStart = warmStart;
  }

  /** Takes the results of a killed training. */
  void restore(ListenerState state) {
    merged = state.merged();
    best = state.best();
    state.results().forEach(this::add);
  }

  /**
   * Takes a result with its models, in the place of one of the same iteration that was not written.
   * To be followed by {@link #written} once its files are whole.
   *
   * @param batchNorm what the models were scored after
   * @return whether its best model is the best so far
   */
  boolean take(LcscResult result, ModelComparison.Training training, BatchNormUpdate batchNorm) {
    dropUnwritten(result.iteration());
    merged = emitted(result.lcsc(), training, batchNorm);
    bestBefore = best;
    written = false;
    boolean better = add(result);
    if (better) {
      best = result.best() == result.lcsc() ? merged : emitted(result.best(), training, batchNorm);
    }
    return better;
  }

  /** The parameters that the model was scored with. */
  static INDArray emitted(
      ScoredModel model, ModelComparison.Training training, BatchNormUpdate batchNorm) {
    INDArray parameters = training.copy(model);
    batchNorm.apply(parameters);
    return parameters;
  }

  /** The latest result's files are whole. */
  void written() {
    written = true;
    bestBefore = null;
  }

  /** Whether the latest result is of that iteration, and written. */
  boolean isSearched(long updates) {
    return written && !list.isEmpty() && latest().iteration() == updates;
  }

  private LcscResult latest() {
    return list.get(list.size() - 1);
  }

  /** Gives up the result of an iteration whose files are not whole: it is searched again. */
  private void dropUnwritten(long iteration) {
    if (written || latest().iteration() != iteration) {
      return;
    }
    List<LcscResult> left = List.copyOf(list.subList(0, list.size() - 1));
    list.clear();
    bestResult = null;
    left.forEach(this::add);
    best = bestBefore;
    written();
  }

  private boolean add(LcscResult result) {
    list.add(result);
    double record = bestResult == null ? Double.POSITIVE_INFINITY : bestResult.best().rank();
    boolean better = result.best().rank() < record;
    if (better) {
      bestResult = result;
    }
    return better;
  }

  List<LcscResult> list() {
    return List.copyOf(list);
  }

  /** Parameters of the latest combination, or null. */
  INDArray merged() {
    return merged;
  }

  /** Parameters of the best model, or null. */
  INDArray best() {
    return best;
  }

  /** The result that it is of, the earliest of equals, or null. */
  LcscResult bestResult() {
    return bestResult;
  }

  /**
   * What a search at an iteration starts from as well: what the search before it found, where that
   * is to be and can be; else null. One of the same iteration is no start of its repetition.
   */
  SearchResult earlier(long iteration) {
    dropUnwritten(iteration);
    SearchResult earlier = null;
    for (LcscResult result : list) {
      if (warmStart && result.iteration() < iteration) {
        earlier = result.search().isUsable() ? result.search() : null;
      }
    }
    return earlier;
  }
}
