package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import org.lcsc.cli.Main;
import picocli.CommandLine;

/** The command line on streams of its own. */
abstract class CommandStreams {

  final StringWriter out = new StringWriter();
  final StringWriter err = new StringWriter();

  /** The exit code; the streams hold what this command wrote, and nothing of those before. */
  int lcsc(Object... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
  }

  void refuses(String message, Object... arguments) {
    assertThat(lcsc(arguments)).as(err.toString()).isEqualTo(2);
    assertThat(err.toString()).hasLineCount(1).startsWith("lcsc: ").contains(message);
    assertThat(out.toString()).isEmpty();
  }

  void succeeds(Object... arguments) {
    assertThat(lcsc(arguments)).as(err.toString()).isZero();
  }

  String lastErrorLine() {
    List<String> lines = err.toString().lines().toList();
    return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
  }
}
