package org.lcsc.experiment;

import org.lcsc.experiment.run.RunDirectory;

/**
 * A page that shows a training while it runs. Made when the training starts, closed when it ends.
 */
public interface LivePage extends AutoCloseable {

  /** Shows nothing. */
  LivePage NONE =
      new LivePage() {
        @Override
        public void refresh() {}

        @Override
        public void close() {}
      };

  /** Asks for a new version; returns at once. */
  void refresh();

  /** Writes the last version. */
  @Override
  void close();

  /** Opens the page of a run. */
  @FunctionalInterface
  interface Factory {

    /**
     * Opens it.
     *
     * @param run its files are read
     */
    LivePage open(RunDirectory run);
  }
}
