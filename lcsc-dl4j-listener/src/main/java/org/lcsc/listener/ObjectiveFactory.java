package org.lcsc.listener;

import java.io.IOException;
import org.lcsc.objective.Objective;

/** Makes an objective for each of the noise sets that a configuration names. */
@FunctionalInterface
public interface ObjectiveFactory {

  /**
   * A new objective, with an evaluation network of its own. {@link LcscListener#close} of the first
   * listener that is built closes it.
   *
   * @param seed of its noise
   * @param samples per evaluation
   * @throws IOException where what it takes cannot be read
   */
  Objective create(long seed, int samples) throws IOException;
}
