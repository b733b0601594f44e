package org.lcsc.io;

import java.io.EOFException;
import java.util.Arrays;
import java.util.Locale;

/** Texts that are the same on every machine, whatever its language. Stateless and thread-safe. */
public final class Text {

  /** After the decimal point, before a number is written with an exponent. */
  private static final int MOST_ZEROS = 4;

  private Text() {}

  /**
   * {@link String#format(Locale, String, Object...)} with a decimal point and Latin digits; {@code
   * %s} prints an array by its elements and any other value as string concatenation does.
   */
  public static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, Arrays.stream(values).map(Text::shown).toArray());
  }

  /**
   * A score for tables: three decimals, as FID is given; of one below 1, such as a loss, as many as
   * four significant digits take.
   */
  public static String score(double score) {
    return score(score, score);
  }

  /**
   * A number beside a score, such as its standard deviation.
   *
   * @param like the score, whose digits it is given with
   */
  public static String score(double number, double like) {
    double size = Math.abs(like);
    if (!(size < 1) || size == 0) {
      return format("%.3f", number);
    }
    int zeros = (int) Math.max(0, -Math.floor(Math.log10(size)) - 1);
    return zeros > MOST_ZEROS ? format("%.3e", number) : format("%." + (4 + zeros) + "f", number);
  }

  /**
   * A text on one line, as {@code String.valueOf} gives it: no space around it, and one in place of
   * every line break with the space around that.
   */
  public static String oneLine(String text) {
    return String.valueOf(text).strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /** The first line of a text, as {@code String.valueOf} gives it; empty where it has none. */
  public static String firstLine(String text) {
    return String.valueOf(text).lines().findFirst().orElse("");
  }

  /** What a failure says, on one line; where it has no message, what it is. */
  public static String reason(Throwable failure) {
    String message = failure.getMessage();
    if (message != null && !message.isBlank()) {
      return oneLine(message);
    }
    return failure instanceof EOFException ? "ends early" : failure.getClass().getSimpleName();
  }

  private static Object shown(Object value) {
    if (value == null || !value.getClass().isArray()) {
      return value;
    }
    String elements = Arrays.deepToString(new Object[] {value});
    return elements.substring(1, elements.length() - 1);
  }
}
