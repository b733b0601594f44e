package org.lcsc.io;

import java.util.Locale;

/** Texts that are the same on every machine, whatever its language. Stateless and thread-safe. */
public final class Text {

  private Text() {}

  /**
   * {@link String#format(Locale, String, Object...)} with a decimal point and Latin digits; {@code
   * %s} prints a value as string concatenation does.
   */
  public static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
