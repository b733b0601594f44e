package org.lcsc.search;

/**
 * A search was cancelled or its thread interrupted. Its state is kept: running it again, or a new
 * search with its state, continues with the evaluation that was due.
 */
public final class SearchInterruptedException extends RuntimeException {

  SearchInterruptedException(int evaluations) {
    super("search interrupted after " + evaluations + " evaluations");
  }
}
