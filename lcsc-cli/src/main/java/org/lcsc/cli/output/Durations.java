package org.lcsc.cli.output;

import static org.lcsc.io.Text.format;

/**
 * Durations as people read them.
 *
 * <p>Stateless and thread-safe.
 */
public final class Durations {

  private Durations() {}

  /** {@code 0:07}, {@code 12:34}, {@code 5:06:07}, {@code 2d 03:04}. */
  public static String clock(double seconds) {
    if (!(seconds >= 0 && seconds < 1e9)) {
      return "-";
    }
    long s = Math.round(seconds);
    if (s >= 86_400) {
      return format("%dd %02d:%02d", s / 86_400, s / 3600 % 24, s / 60 % 60);
    }
    return s >= 3600
        ? format("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60)
        : format("%d:%02d", s / 60, s % 60);
  }
}
