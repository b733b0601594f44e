package org.lcsc.experiment.run;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A run directory that cannot be used. Thrown before any work starts; the message is one line:
 * {@code DIRECTORY: what is wrong, allowed: ...}.
 */
public final class RunDirectoryException extends IOException {

  RunDirectoryException(Path directory, String problem) {
    this(directory, problem, null);
  }

  RunDirectoryException(Path directory, String problem, Throwable cause) {
    super(directory + ": " + problem, cause);
  }
}
