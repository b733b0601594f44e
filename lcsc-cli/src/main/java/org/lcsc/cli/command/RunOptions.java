package org.lcsc.cli.command;

import java.nio.file.Path;
import org.lcsc.config.ConfigException;
import org.lcsc.experiment.Overrides;
import org.lcsc.experiment.config.RunConfig;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * A run to begin, or an interrupted one to resume.
 *
 * <p>Not thread-safe.
 */
public final class RunOptions {

  @Parameters(
      paramLabel = "CONFIG",
      arity = "0..1",
      description = "The run's YAML file. Not with --resume.")
  private Path file;

  @Option(
      names = "--resume",
      paramLabel = "RUN",
      description = "Resume the interrupted run of this directory, to the same result.")
  private Path resumed;

  @Mixin private Assignments assignments;

  @Option(names = "--overwrite", description = "Delete an earlier run in the output directory.")
  private boolean overwrite;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Created by the command line. */
  public RunOptions() {}

  /**
   * The run to resume, or null where one is to begin.
   *
   * @param further other options given that only a run that begins takes
   */
  public Path resumed(boolean further) {
    if (resumed == null) {
      if (file == null) {
        throw new ParameterException(
            spec.commandLine(), "missing CONFIG, allowed: a YAML file, or --resume RUN");
      }
    } else if (file != null || assignments.list() != null || overwrite || further) {
      throw new ParameterException(
          spec.commandLine(),
          "--resume: a run continues as it began (--resume "
              + resumed
              + "), allowed: without what it began with, CONFIG, --set and --overwrite among it");
    }
    return resumed;
  }

  /** The configuration of a run that begins, else null. */
  public Path file() {
    return file;
  }

  /** Reads the configuration of a run that begins. */
  RunConfig read() throws ConfigException {
    return Overrides.read(file, assignments.list());
  }

  /** Reads the configuration of a search with an objective of the user's that begins. */
  <R extends Record> R read(Class<R> type) throws ConfigException {
    return Overrides.read(file, assignments.list(), type);
  }

  /** Whether an earlier run in the output directory is deleted. */
  public boolean overwrite() {
    return overwrite;
  }
}
