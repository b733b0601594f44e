package org.lcsc.objective;

import java.nio.file.Path;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.lcsc.io.ModelWriter;

/**
 * What an objective needs that scores model files: a service of {@link ObjectiveSettings.Inputs}.
 *
 * @param writer writes a candidate
 * @param iteration updates applied to the newest checkpoint
 * @param directory for the files of candidates, exists
 * @param log file that what scorers write to their standard error is appended to
 * @param set which noise set the objective is of
 * @param seed of that set
 * @param cancelled true once the search is to end: a running evaluation ends with a {@link
 *     java.util.concurrent.CancellationException}
 */
public record CandidateFiles(
    ModelWriter writer,
    long iteration,
    Path directory,
    Path log,
    Set set,
    long seed,
    BooleanSupplier cancelled) {

  /** The noise sets of a search. */
  public enum Set {
    /** What the strategy sees. */
    SEARCH,
    /** What picks the result. */
    VALIDATION,
    /** What is only reported. */
    REPORT
  }

  public CandidateFiles {
    Objects.requireNonNull(writer, "writer");
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(log, "log");
    Objects.requireNonNull(set, "set");
    Objects.requireNonNull(cancelled, "cancelled");
  }

  /** The same for another noise set. */
  public CandidateFiles of(Set other, long itsSeed) {
    return new CandidateFiles(writer, iteration, directory, log, other, itsSeed, cancelled);
  }
}
