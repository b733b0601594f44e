package org.lcsc.cli.command;

import java.util.List;

/**
 * All commands.
 *
 * <p>Stateless and thread-safe.
 */
public final class Commands {

  private Commands() {}

  /** New ones, in the order of the help. */
  public static List<Object> all() {
    return List.of(
        new AverageCommand(),
        new CheckCommand(),
        new CompletionCommand(),
        new EvaluateCommand(),
        new ExportCommand(),
        new FindSigmaCommand(),
        new ImportCommand(),
        new LandscapeCommand(),
        new PlanCommand(),
        new RefineCommand(),
        new ReportCommand(),
        new SampleCommand(),
        new TrainCommand(),
        new SearchCommand(),
        new SweepCommand(),
        new TrainFeaturesCommand());
  }
}
