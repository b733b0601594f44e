package org.lcsc.cli;

import java.io.PrintWriter;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.lcsc.cli.command.Commands;
import org.lcsc.cli.output.ExitCode;
import org.lcsc.cli.output.Failures;
import org.lcsc.config.Printable;
import org.lcsc.config.Suggestion;
import org.lcsc.io.Text;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The {@code lcsc} command line. Errors are one line each on standard error, {@code lcsc: FILE:
 * what is wrong}; the stack trace comes only with {@code --debug} or the environment variable
 * {@code LCSC_DEBUG}. Exit codes are those of {@link ExitCode}.
 *
 * <p>Not thread-safe.
 */
@Command(
    name = "lcsc",
    description = "Train generative models and combine their checkpoints (LCSC).",
    subcommands = CommandLine.HelpCommand.class,
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    scope = CommandLine.ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all went well",
      "1:the work failed",
      "2:the arguments or a configuration file are wrong",
      "130:interrupted"
    })
public final class Main implements Callable<Integer> {

  @Option(
      names = "--debug",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Print stack traces (also: LCSC_DEBUG=1).")
  private boolean debug;

  @Spec private CommandSpec spec;

  /** Created by the command line. */
  public Main() {}

  /** Runs the command and ends the process. */
  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    int code = commandLine().execute(arguments);
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> {}));
    } catch (IllegalStateException e) {
      // A signal ends the process already, with an exit code of its own, which this could replace.
      return;
    }
    System.exit(code);
  }

  /**
   * The command line with all commands, on the process's own streams. A test replaces them with
   * {@code setOut} and {@code setErr}.
   */
  public static CommandLine commandLine() {
    Main main = new Main();
    CommandLine commands = new CommandLine(main);
    Commands.all().forEach(commands::addSubcommand);
    return commands
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::usageMistake)
        .setExecutionStrategy(main::runCommand)
        .setExecutionExceptionHandler((e, command, parsed) -> main.failure(e, command));
  }

  /** Without a command there is nothing to do but to say so. */
  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(),
        "missing command, allowed: "
            + String.join(", ", new TreeSet<>(spec.subcommands().keySet())));
  }

  private static int usageMistake(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    String first = arguments.length == 0 ? "" : arguments[0];
    err.println(
        "lcsc: "
            + (first.matches("(plot-)?study")
                ? first + ": no such command, now: lcsc sweep"
                : mistake(e)));
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return ExitCode.BAD_INPUT;
  }

  /** A mistyped command or option is answered as a mistyped key of a file is. */
  private static String mistake(ParameterException e) {
    CommandSpec command = e.getCommandLine().getCommandSpec();
    if (e instanceof UnmatchedArgumentException unmatched) {
      String given = unmatched.getUnmatched().get(0);
      if (unmatched.isUnknownOption()) {
        String option = given.replaceFirst("=.*", "");
        return unknown(option, "option", command.optionsMap().keySet());
      }
      if (!command.subcommands().isEmpty()) {
        return unknown(given, "command", command.subcommands().keySet());
      }
    }
    return Text.oneLine(e.getMessage());
  }

  private static String unknown(String given, String what, Set<String> names) {
    String allowed = Suggestion.of(given, new TreeSet<>(names));
    return Printable.oneLine(given) + ": no such " + what + allowed;
  }

  /**
   * Runs the command; errors of the virtual machine (memory, native libraries) are failures too.
   */
  private int runCommand(ParseResult parsed) {
    try {
      int code = new CommandLine.RunLast().execute(parsed);
      // The writer does not hear of what the stream below it meets.
      boolean lost = spec.commandLine().getOut().checkError() || System.out.checkError();
      if (code == ExitCode.OK && lost) {
        throw new IllegalStateException(
            "standard output cannot be written, its disk is full or its reader has gone");
      }
      return code;
    } catch (Error | IllegalStateException e) {
      return failure(e, spec.commandLine());
    }
  }

  private int failure(Throwable e, CommandLine command) {
    PrintWriter err = command.getErr();
    err.println("lcsc: " + Failures.line(e));
    if (debug || System.getenv("LCSC_DEBUG") != null) {
      e.printStackTrace(err);
    }
    err.flush();
    return Failures.exitCode(e);
  }
}
