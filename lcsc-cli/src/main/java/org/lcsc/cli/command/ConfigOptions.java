package org.lcsc.cli.command;

import java.nio.file.Path;
import java.util.List;
import org.lcsc.config.ConfigException;
import org.lcsc.experiment.Overrides;
import org.lcsc.experiment.config.RunConfig;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * The options of a configuration file, with some of its values replaced.
 *
 * <p>Not thread-safe.
 */
final class ConfigOptions {

  @Parameters(paramLabel = "CONFIG", description = "The YAML file.")
  private Path file;

  @Mixin private Assignments assignments;

  /** The file. */
  Path file() {
    return file;
  }

  /**
   * Reads the configuration of a search.
   *
   * @throws ConfigException if the file is missing or wrong, or says nothing of a search
   */
  RunConfig readSearch() throws ConfigException {
    return requireSearch(file, readWith(List.of()));
  }

  /** Reads the configuration with further values replaced. */
  RunConfig readWith(List<String> more) throws ConfigException {
    return Overrides.read(file, assignments.and(more));
  }

  static RunConfig requireSearch(Path file, RunConfig config) throws ConfigException {
    if (config.lcsc() == null) {
      throw new ConfigException(file.toString(), "lcsc: missing, a search needs its settings");
    }
    return config;
  }
}
