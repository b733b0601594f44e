package org.lcsc.cli.command;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command with the streams of its command line; made by {@link Commands}. */
abstract class TextCommand implements Callable<Integer> {

  @Spec CommandSpec spec;

  /** Where results go. */
  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Where progress and warnings go. */
  PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
