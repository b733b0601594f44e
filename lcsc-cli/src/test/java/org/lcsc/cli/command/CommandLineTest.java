package org.lcsc.cli.command;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The command line in a directory that each test has to itself. */
abstract class CommandLineTest extends CommandStreams {

  @TempDir Path directory;
}
