package org.lcsc.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.lcsc.io.Text;

/**
 * Checks of single values for the compact constructors of configuration records. Each throws {@link
 * InvalidValueException} with the key, the value and what is allowed, and returns the value
 * otherwise.
 *
 * <p>Stateless and thread-safe.
 */
public final class Require {

  private Require() {}

  /**
   * No value of which {@code refused} holds.
   *
   * @param format {@link Text#format} of {@code values}: what is wrong and what is allowed
   */
  public static void not(boolean refused, String key, String format, Object... values) {
    if (refused) {
      throw new InvalidValueException(key, Text.format(format, values));
    }
  }

  /** What a computation gives; where it refuses its arguments, a key is to blame. */
  public static <T> T possible(String key, Supplier<T> computation) {
    try {
      return computation.get();
    } catch (IllegalArgumentException e) {
      throw new InvalidValueException(key, e.getMessage());
    }
  }

  /** A whole number of at least {@code min}. */
  public static int atLeast(String key, int value, int min) {
    Require.not(value < min, key, "too small (%s), allowed: %s or more", value, min);
    return value;
  }

  /** The same of a value that may be absent: null. */
  public static Integer atLeast(String key, Integer value, int min) {
    return value == null ? null : Integer.valueOf(atLeast(key, value.intValue(), min));
  }

  /** A whole number from {@code min} to {@code max}. */
  public static int between(String key, int value, int min, int max) {
    Require.not(
        value < min || value > max, key, "out of range (%s), allowed: %s to %s", value, min, max);
    return value;
  }

  /** The same of a value that may be absent: null. */
  public static Integer between(String key, Integer value, int min, int max) {
    return value == null ? null : Integer.valueOf(between(key, value.intValue(), min, max));
  }

  /** A finite number above 0. */
  public static double positive(String key, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw new InvalidValueException(
          key, "not a positive number (" + value + "), allowed: more than 0");
    }
    return value;
  }

  /** The same of a value that may be absent: null. */
  public static Double positive(String key, Double value) {
    return value == null ? null : Double.valueOf(positive(key, value.doubleValue()));
  }

  /** A finite number of at least 0. */
  public static double notNegative(String key, double value) {
    Require.not(
        !(value >= 0 && Double.isFinite(value)), key, "negative (%s), allowed: 0 or more", value);
    return value;
  }

  /** The same of a value that may be absent: null. */
  public static Double notNegative(String key, Double value) {
    return value == null ? null : Double.valueOf(notNegative(key, value.doubleValue()));
  }

  /** A number from {@code min} to {@code max}, both included. */
  public static double between(String key, double value, double min, double max) {
    return within(value >= min && value <= max, key, value, min + " to " + max);
  }

  /** A number above {@code min} and up to {@code max}. */
  public static double aboveTo(String key, double value, double min, double max) {
    return within(value > min && value <= max, key, value, "more than " + min + " to " + max);
  }

  /** A number from {@code min} to below {@code max}. */
  public static double fromBelow(String key, double value, double min, double max) {
    return within(value >= min && value < max, key, value, min + " to less than " + max);
  }

  /** A number strictly between {@code min} and {@code max}. */
  public static double inside(String key, double value, double min, double max) {
    return within(
        value > min && value < max, key, value, "more than " + min + " and less than " + max);
  }

  private static double within(boolean inside, String key, double value, String allowed) {
    not(!inside, key, "out of range (%s), allowed: %s", value, allowed);
    return value;
  }

  /** A text with something in it besides white space, or null where it is absent. */
  public static String notBlank(String key, String value) {
    not(value != null && value.isBlank(), key, "is empty, allowed: a text");
    return value;
  }

  /** A file's or directory's name, or null where it is absent. */
  public static String path(String key, String value) {
    notBlank(key, value);
    if (value == null) {
      return null;
    }
    try {
      Path.of(value);
      return value;
    } catch (InvalidPathException e) {
      throw new InvalidValueException(
          key, "not a path here (" + e.getReason() + "), allowed: a path");
    }
  }

  /**
   * A regular expression.
   *
   * @param allowed what it is for, with an example
   */
  public static String pattern(String key, String value, String allowed) {
    try {
      Pattern.compile(value);
      return value;
    } catch (PatternSyntaxException e) {
      throw new InvalidValueException(
          key,
          Text.format(
              "no regular expression (%s: %s), allowed: one for %s",
              Printable.oneLine(value), e.getDescription(), allowed));
    }
  }

  /** A list with at least one element and no element twice; returned as an immutable copy. */
  public static <T> List<T> distinct(String key, List<T> values) {
    Require.not(values.isEmpty(), key, "is empty, allowed: one value or more");
    return noDuplicates(key, values);
  }

  /** A list, perhaps empty, with no element twice; returned as an immutable copy. */
  public static <T> List<T> noDuplicates(String key, List<T> values) {
    Set<T> seen = new HashSet<>();
    for (T value : values) {
      if (!seen.add(value)) {
        throw new InvalidValueException(
            key, "holds a value twice (" + value + "), allowed: distinct values");
      }
    }
    return List.copyOf(values);
  }

  /**
   * A key that makes sense only beside some values of another key.
   *
   * @param key the key
   * @param value its value, null where it is absent
   * @param otherKey the key it depends on
   * @param other that key's value
   * @param allowed values of the other key that this key goes with
   */
  public static <E extends Enum<E>> void onlyWith(
      String key, Object value, String otherKey, E other, List<E> allowed) {
    if (value != null && (other == null || !allowed.contains(other))) {
      String names = String.join(" or ", allowed.stream().map(YamlNames::of).toList());
      throw new InvalidValueException(
          key,
          Text.format(
              "has no effect %s, allowed: only with %s: %s",
              other == null
                  ? "without " + otherKey
                  : "with " + otherKey + ": " + YamlNames.of(other),
              otherKey,
              names));
    }
  }
}
