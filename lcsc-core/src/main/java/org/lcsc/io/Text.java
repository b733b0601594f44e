package org.lcsc.io;

import java.util.Arrays;
import java.util.Locale;

/** Texts that are the same on every machine, whatever its language. Stateless and thread-safe. */
public final class Text {

  private Text() {}

  /**
   * {@link String#format(Locale, String, Object...)} with a decimal point and Latin digits; {@code
   * %s} prints an array by its elements and any other value as string concatenation does.
   */
  public static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, Arrays.stream(values).map(Text::shown).toArray());
  }

  private static Object shown(Object value) {
    if (value == null || !value.getClass().isArray()) {
      return value;
    }
    String elements = Arrays.deepToString(new Object[] {value});
    return elements.substring(1, elements.length() - 1);
  }
}
