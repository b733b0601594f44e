package org.lcsc.cli.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.lcsc.cli.output.ProgressBar;
import org.lcsc.io.Text;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command with the streams of its command line; made by {@link Commands}. */
abstract class TextCommand implements Callable<Integer> {

  @Spec CommandSpec spec;

  /** Does the work, and returns the exit code. */
  abstract int run() throws IOException;

  @Override
  public final Integer call() throws IOException {
    try {
      return run();
    } finally {
      out().flush();
      err().flush();
    }
  }

  /** Where results go. */
  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Where progress and warnings go. */
  PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** Prints a part of the results. */
  void print(String format, Object... values) {
    out().print(Text.format(format, values));
  }

  /** Says that a result was written. */
  void written(Path file) {
    out().println("written: " + file);
  }

  /** Shows the progress of long work; see {@link ProgressBar}. */
  ProgressBar progress(String label, String unit, long total) {
    return new ProgressBar(err(), label, unit, total);
  }
}
