package org.lcsc.io;

import java.io.IOException;

/**
 * Refuses what a caller gives. Messages are formats of {@link Text#format} with the offending
 * values, and are made only where something is refused. Stateless and thread-safe.
 */
public final class Refuse {

  private Refuse() {}

  /**
   * Refuses an argument.
   *
   * @throws IllegalArgumentException where {@code refused}
   */
  public static void argument(boolean refused, String format, Object... values) {
    if (refused) {
      throw new IllegalArgumentException(Text.format(format, values));
    }
  }

  /**
   * Refuses a call in the present state.
   *
   * @throws IllegalStateException where {@code refused}
   */
  public static void state(boolean refused, String format, Object... values) {
    if (refused) {
      throw new IllegalStateException(Text.format(format, values));
    }
  }

  /**
   * Refuses what a file holds.
   *
   * @throws IOException where {@code refused}
   */
  public static void file(boolean refused, String format, Object... values) throws IOException {
    if (refused) {
      throw new IOException(Text.format(format, values));
    }
  }
}
