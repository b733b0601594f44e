package org.lcsc.experiment;

import java.io.IOException;
import java.util.List;

/**
 * Ends a command with lines for the user and an exit code. Commands throw it for what they foresee;
 * anything else they throw is mapped by {@link Failures}.
 */
public final class CommandFailure extends RuntimeException {

  private final List<String> lines;
  private final int exitCode;

  private CommandFailure(List<String> lines, int exitCode, Throwable cause) {
    super(String.join("; ", lines), cause);
    this.lines = List.copyOf(lines);
    this.exitCode = exitCode;
  }

  /** The work failed: exit code {@link ExitCode#FAILURE}. */
  public static CommandFailure inWork(String line, Throwable cause) {
    return new CommandFailure(List.of(line), ExitCode.FAILURE, cause);
  }

  /**
   * The work failed, and something can be done: exit code {@link ExitCode#FAILURE}.
   *
   * @param cause gives the line's beginning
   * @param hint its end
   */
  public static CommandFailure inWork(Exception cause, String hint) {
    return inWork(Failures.line(cause) + "; " + hint, cause);
  }

  /** The user's input is wrong: exit code {@link ExitCode#BAD_INPUT}. */
  public static CommandFailure badInput(String line) {
    return new CommandFailure(List.of(line), ExitCode.BAD_INPUT, null);
  }

  /** Several inputs are wrong, one line each: exit code {@link ExitCode#BAD_INPUT}. */
  public static CommandFailure badInput(List<? extends Exception> mistakes) {
    List<String> lines = mistakes.stream().map(Failures::line).toList();
    return new CommandFailure(lines, ExitCode.BAD_INPUT, mistakes.get(0));
  }

  /** The user stopped the work: exit code {@link ExitCode#INTERRUPTED}. */
  public static CommandFailure interrupted(String line) {
    return new CommandFailure(List.of(line), ExitCode.INTERRUPTED, null);
  }

  /** Reads a file that the user named. */
  @FunctionalInterface
  public interface Reading<T> {

    /** Reads it. */
    T read() throws IOException;
  }

  /**
   * Reads a file that the user named: whatever is wrong with it is a wrong argument.
   *
   * @throws CommandFailure with the reader's own message
   */
  public static <T> T reading(Reading<T> reading) {
    try {
      return reading.read();
    } catch (IOException e) {
      throw badInput(e.getMessage());
    }
  }

  /** Lines for the user, without the program's name. */
  public List<String> lines() {
    return lines;
  }

  /** The process's exit code. */
  public int exitCode() {
    return exitCode;
  }
}
