package org.lcsc.cli.command;

import java.util.Locale;
import org.lcsc.cli.output.ExitCode;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Parameters;

/** Prints a script that completes the command line in a shell. */
@Command(
    name = "completion",
    description = {
      "Print a script that completes commands, options and files in a shell.",
      "In ~/.bashrc or ~/.zshrc: source <(lcsc completion bash), or zsh. In"
          + " ~/.config/fish/config.fish: lcsc completion fish | source."
    })
final class CompletionCommand extends TextCommand {

  /** The shells. Picocli's script, for the first two, finds out itself which of them reads it. */
  private enum Shell {
    BASH,
    ZSH,
    FISH;

    /** As the script completes it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  private Shell shell;

  @Override
  int run() {
    CommandSpec root = spec.root();
    out()
        .print(
            shell == Shell.FISH ? fish(root) : AutoComplete.bash(root.name(), root.commandLine()));
    return ExitCode.OK;
  }

  /** Lines for fish, which completes the names of files by itself. */
  private static String fish(CommandSpec root) {
    StringBuilder script = new StringBuilder();
    root.subcommands()
        .forEach(
            (name, command) -> {
              CommandSpec spec = command.getCommandSpec();
              script.append(
                  complete(root, "__fish_use_subcommand")
                      + " -f -a "
                      + name
                      + describe(spec.usageMessage().description()));
              String within = complete(root, "__fish_seen_subcommand_from " + name);
              spec.options().stream()
                  .filter(option -> !option.hidden())
                  .forEach(option -> script.append(within).append(fish(option)));
              for (PositionalParamSpec parameter : spec.positionalParameters()) {
                if (parameter.completionCandidates() != null) {
                  script.append(within + " -f -a " + words(parameter) + "\n");
                }
              }
            });
    return script.toString();
  }

  private static String complete(CommandSpec root, String condition) {
    return "complete -c " + root.name() + " -n '" + condition + "'";
  }

  private static String fish(OptionSpec option) {
    StringBuilder text = new StringBuilder();
    for (String name : option.names()) {
      text.append(name.startsWith("--") ? " -l " : " -s ").append(name.replaceFirst("^-+", ""));
    }
    if (option.arity().max() > 0) {
      text.append(" -r");
      if (option.completionCandidates() != null) {
        text.append(" -f -a ").append(words(option));
      }
    }
    return text + describe(option.description());
  }

  private static String words(ArgSpec argument) {
    return "'" + String.join(" ", argument.completionCandidates()) + "'";
  }

  private static String describe(String[] lines) {
    String first =
        lines.length == 0
            ? ""
            : lines[0].replace("%%", "%").replaceFirst(" *Default: \\$.*", "").replace("'", "\\'");
    return " -d '" + first + "'\n";
  }
}
