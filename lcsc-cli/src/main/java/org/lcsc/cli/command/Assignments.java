package org.lcsc.cli.command;

import java.util.List;
import picocli.CommandLine.Option;

/** Values of the configuration replaced on the command line. */
final class Assignments {

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Replace a value of the configuration, for example lcsc.search.seed=2. Repeatable.")
  private List<String> list;

  /** The assignments as given; null without any. */
  List<String> list() {
    return list;
  }
}
