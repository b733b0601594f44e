package org.lcsc.cli.output;

/**
 * Exit codes of every command.
 *
 * <p>Stateless and thread-safe.
 */
public final class ExitCode {

  /** All went well. */
  public static final int OK = 0;

  /** The work failed. */
  public static final int FAILURE = 1;

  /** The arguments or a configuration file are wrong; no work was started. */
  public static final int BAD_INPUT = 2;

  /** The user stopped the work. */
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
