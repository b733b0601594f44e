package org.lcsc.listener;

import java.nio.file.Path;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import org.lcsc.search.SearchListener;
import org.lcsc.search.evaluation.EvaluatorFactory;

/**
 * How the searches of a training are run, watched and ended.
 *
 * @param evaluators what scores the candidates of a search and validates its finalists and the
 *     averages over the window. What is not of the window (last weights, other averages), the
 *     greedy soup, the noise sets and the reports stay on the training thread.
 * @param cancelled asked between evaluations; true ends the running search, whose state is kept in
 *     {@code states}
 * @param listener makes the listener of a search when it begins, of the iteration that it runs at
 * @param states directory for {@code search-ITERATION.bin}, from which a killed search continues
 *     once the training is at that iteration again; null for none
 */
public record SearchControl(
    EvaluatorFactory evaluators,
    BooleanSupplier cancelled,
    LongFunction<? extends SearchListener> listener,
    Path states) {

  /** On the training thread, unwatched, to the end, without a state. */
  public static final SearchControl DEFAULT =
      new SearchControl(
          EvaluatorFactory.LOCAL, () -> false, iteration -> new SearchListener() {}, null);

  public SearchControl {
    Objects.requireNonNull(evaluators, "evaluators");
    Objects.requireNonNull(cancelled, "cancelled");
    Objects.requireNonNull(listener, "listener");
  }

  /** The same with other evaluators. */
  public SearchControl evaluatedBy(EvaluatorFactory others) {
    return new SearchControl(others, cancelled, listener, states);
  }

  /** The same, ended once this is true. */
  public SearchControl cancelledBy(BooleanSupplier asked) {
    return new SearchControl(evaluators, asked, listener, states);
  }

  /** The same, watched by listeners made for every search. */
  public SearchControl watchedBy(LongFunction<? extends SearchListener> factory) {
    return new SearchControl(evaluators, cancelled, factory, states);
  }

  /**
   * The same with states in a directory.
   *
   * @param directory of one training: a search that has ended keeps its state there, and is not
   *     made again in a training that is repeated; another training, or an objective that measures
   *     something else under its old name, takes another directory
   */
  public SearchControl savedIn(Path directory) {
    return new SearchControl(evaluators, cancelled, listener, directory);
  }
}
