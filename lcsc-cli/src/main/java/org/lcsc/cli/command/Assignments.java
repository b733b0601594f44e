package org.lcsc.cli.command;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Values of the configuration replaced on the command line. */
final class Assignments {

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Replace a value of the file, for example lcsc.search.seed=2. Repeatable.")
  private List<String> list;

  boolean isEmpty() {
    return list == null;
  }

  /** The assignments as given, and then these. */
  List<String> and(List<String> more) {
    List<String> all = new ArrayList<>(list == null ? List.of() : list);
    all.addAll(more);
    return all;
  }
}
