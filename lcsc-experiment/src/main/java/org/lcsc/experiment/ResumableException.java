package org.lcsc.experiment;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.lcsc.experiment.run.RunDirectory;

/**
 * The work of a run failed, and its state is kept: the run can be resumed once the cause, for
 * example a full disk, is mended.
 */
public final class ResumableException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final String kept;
  private final transient RunDirectory run;

  private ResumableException(Exception cause, String kept, RunDirectory run) {
    super(cause.getMessage() + "; " + kept + " is kept in " + run, cause);
    this.kept = kept;
    this.run = run;
  }

  /**
   * A failure of the work in a run directory: where that was taken away, nothing is kept, and its
   * absence explains any other failure.
   *
   * @param kept what is kept, for example {@code the state of iteration 500}
   */
  static RuntimeException of(Exception failure, String kept, RunDirectory run) {
    try {
      run.requirePresent();
      return new ResumableException(failure, kept, run);
    } catch (IOException gone) {
      gone.addSuppressed(failure);
      return new UncheckedIOException(gone);
    }
  }

  /** What is kept. */
  public String kept() {
    return kept;
  }

  /** The run to resume. */
  public RunDirectory run() {
    return run;
  }
}
