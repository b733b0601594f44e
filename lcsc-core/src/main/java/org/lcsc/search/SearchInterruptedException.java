package org.lcsc.search;

/**
 * A search was cancelled or its thread interrupted. Its state is kept: running it again, or a new
 * search with its state, continues with the evaluation that was due.
 */
public final class SearchInterruptedException extends RuntimeException {

  private final int evaluations;

  SearchInterruptedException(int evaluations) {
    super("search interrupted after " + evaluations + " evaluations");
    this.evaluations = evaluations;
  }

  /** Evaluations finished so far. */
  public int evaluations() {
    return evaluations;
  }
}
