package org.lcsc.cli.command;

import java.util.Locale;
import org.lcsc.cli.output.ExitCode;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

/** Prints a script that completes the command line in a shell. */
@Command(
    name = "completion",
    description = {
      "Print a script that completes commands, options and files in a shell.",
      "In ~/.bashrc or ~/.zshrc: source <(lcsc completion bash), or zsh."
    })
final class CompletionCommand extends TextCommand {

  /** The shells. Picocli's script finds out itself which of them reads it. */
  private enum Shell {
    BASH,
    ZSH;

    /** As the script completes it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  private Shell shell;

  @Override
  int run() {
    CommandSpec root = spec.root();
    out().print(AutoComplete.bash(root.name(), root.commandLine()));
    return ExitCode.OK;
  }
}
