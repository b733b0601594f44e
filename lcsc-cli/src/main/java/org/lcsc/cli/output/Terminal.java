package org.lcsc.cli.output;

/**
 * Where progress is shown.
 *
 * @param interactive whether standard error is a terminal, on which a line can be redrawn
 * @param columns its width in characters, at least 20
 */
public record Terminal(boolean interactive, int columns) {

  /** The width where none is known. */
  public static final int DEFAULT_COLUMNS = 80;

  /** Not a terminal: a file or a pipe. */
  public static final Terminal NONE = new Terminal(false, DEFAULT_COLUMNS);

  /** Widens what is too narrow for a bar. */
  public Terminal {
    columns = Math.max(20, columns);
  }

  /**
   * The terminal of this process. The launcher says in the system properties {@code lcsc.terminal}
   * and {@code lcsc.columns} what standard error is, because Java can only tell whether both
   * standard input and output are terminals.
   */
  public static Terminal detect() {
    String told = System.getProperty("lcsc.terminal");
    boolean interactive = told == null ? System.console() != null : Boolean.parseBoolean(told);
    return new Terminal(interactive, Integer.getInteger("lcsc.columns", DEFAULT_COLUMNS));
  }
}
