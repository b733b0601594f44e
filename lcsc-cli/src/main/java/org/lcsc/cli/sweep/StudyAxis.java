package org.lcsc.cli.sweep;

import static org.lcsc.io.Text.format;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.config.YamlText;

/**
 * One axis of a study: a key of the configuration with the values it takes, or named cases of
 * several keys at once. Exactly one of {@code values}, {@code cases} and a range ({@code from},
 * {@code to}) is given.
 *
 * @param key dotted key such as {@code lcsc.search.samples}; {@value #EMA_RATE} in mode {@code
 *     ema}; any name with {@code cases}
 * @param values each a YAML value, lists and mappings included, such as a strategy with its
 *     settings
 * @param from lower end of a range
 * @param to upper end, more than {@code from}
 * @param scale default {@link Scale#LINEAR}
 * @param steps points that a grid takes of a range, at least 2; needed by a grid alone
 * @param whole whether only whole numbers are taken of a range; default false
 * @param cases what varies together, such as a strategy with its own parameters
 */
public record StudyAxis(
    String key,
    @OptionalKey List<YamlText> values,
    @OptionalKey Double from,
    @OptionalKey Double to,
    @OptionalKey Scale scale,
    @OptionalKey Integer steps,
    @OptionalKey Boolean whole,
    @OptionalKey List<Case> cases) {

  /** The axis of mode {@code ema}: the rate of an average over the window. */
  public static final String EMA_RATE = "ema.rate";

  /** Significant digits that a value of a range has at least: short enough to read. */
  private static final int DIGITS = 4;

  /** The same of one less the value, for {@link Scale#LOG_FROM_ONE}. */
  private static final int DIGITS_FROM_ONE = 3;

  /** As many tell any two numbers apart. */
  private static final int MOST_DIGITS = 17;

  /** Units of the last digit that a range spans at least, so that draws from it differ. */
  private static final int LEAST_UNITS = 20;

  /** How a range is divided. */
  public enum Scale {
    /** Evenly. */
    LINEAR,
    /** Evenly in the logarithm; the range is above 0. */
    LOG,
    /** Evenly in the logarithm of one less the value: for rates just below 1. */
    LOG_FROM_ONE
  }

  /**
   * A case.
   *
   * @param label its name in the tables
   * @param set assignments {@code key=value}; none for the configuration as it is
   */
  public record Case(String label, @OptionalKey List<String> set) {

    /** Fills in the default and validates. */
    public Case {
      Require.notBlank("label", label);
      set = set == null ? List.of() : List.copyOf(set);
    }
  }

  /** Fills in the defaults and validates. */
  public StudyAxis {
    Require.notBlank("key", key);
    boolean range = from != null || to != null;
    int given = (values == null ? 0 : 1) + (cases == null ? 0 : 1) + (range ? 1 : 0);
    Require.not(
        given != 1,
        "values",
        "%s (%s), allowed: exactly one of values, cases, and from with to",
        given == 0 ? "missing" : "given beside others",
        key);
    if (values != null) {
      values = List.copyOf(values);
      Require.distinct("values", values.stream().map(YamlText::text).toList());
    }
    if (cases != null) {
      cases = List.copyOf(cases);
      Require.distinct("cases", cases.stream().map(Case::label).toList());
    }
    whole = whole != null && whole;
    if (range) {
      scale = scale == null ? Scale.LINEAR : scale;
      checkRange(from, to, scale);
      Require.atLeast("steps", steps, 2);
    } else if (scale != null || steps != null || whole) {
      throw new InvalidValueException(
          "scale", "has no effect (" + key + "), allowed: scale, steps and whole with from and to");
    }
  }

  private static void checkRange(Double from, Double to, Scale scale) {
    if (from == null || to == null || !(from < to)) {
      throw new InvalidValueException(
          "to", "no range (" + from + " to " + to + "), allowed: from less than to");
    }
    if (scale == Scale.LOG) {
      Require.positive("from", from);
    }
    if (scale == Scale.LOG_FROM_ONE && !(to < 1)) {
      throw new InvalidValueException(
          "to", "out of range (" + to + "), allowed: less than 1 with scale: log-from-one");
    }
  }

  /** Whether it is a range, which only a grid divides into values. */
  public boolean isRange() {
    return from != null;
  }

  /**
   * All values; of a range as many as {@code steps}, with as few digits as tell them apart, its
   * ends exactly.
   *
   * @throws InvalidValueException where a range has no steps, or fewer numbers than steps
   */
  public List<Case> listed() {
    if (cases != null) {
      return cases;
    }
    if (values != null) {
      return values.stream().map(value -> value(value.text())).toList();
    }
    if (steps == null) {
      throw new InvalidValueException(
          "steps", "missing (" + key + "), needed: into how many values a grid divides the range");
    }
    if (whole) {
      // They may repeat.
      return IntStream.range(0, steps).mapToObj(i -> at(share(i))).distinct().toList();
    }
    for (int digits = fewestDigits(); digits <= MOST_DIGITS; digits++) {
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < steps; i++) {
        texts.add(text(share(i), digits));
      }
      if (areAscending(texts)) {
        return texts.stream().map(this::value).toList();
      }
    }
    throw new InvalidValueException(
        "steps",
        format(
            "more than there are numbers from %s to %s (%s), allowed: fewer (%s)",
            from, to, steps, key));
  }

  private double share(int step) {
    return step / (steps - 1.0);
  }

  private static boolean areAscending(List<String> numbers) {
    double[] values = numbers.stream().mapToDouble(Double::parseDouble).toArray();
    return IntStream.range(1, values.length).allMatch(i -> values[i - 1] < values[i]);
  }

  /**
   * The value of a range at a share of it, with as few digits as tell values of the range apart.
   *
   * @param share 0 to 1
   */
  public Case at(double share) {
    if (whole) {
      return value(String.valueOf(Math.round(number(share))));
    }
    int digits = fewestDigits();
    double largest =
        scale == Scale.LOG_FROM_ONE ? 1 - from : Math.max(Math.abs(from), Math.abs(to));
    double unit = Math.pow(10, Math.floor(Math.log10(largest)) + 1 - digits);
    while (digits < MOST_DIGITS && to - from < LEAST_UNITS * unit) {
      digits++;
      unit /= 10;
    }
    String text = text(share, digits);
    while (digits < MOST_DIGITS && !isWithin(text)) {
      text = text(share, ++digits);
    }
    return value(isWithin(text) ? text : exact(number(share)));
  }

  private boolean isWithin(String text) {
    double value = Double.parseDouble(text);
    return from <= value && value <= to;
  }

  private int fewestDigits() {
    return scale == Scale.LOG_FROM_ONE ? DIGITS_FROM_ONE : DIGITS;
  }

  /** The value at a share of the range. */
  private double number(double share) {
    double value =
        switch (scale) {
          case LINEAR -> from + share * (to - from);
          case LOG -> from * Math.pow(to / from, share);
          case LOG_FROM_ONE -> 1 - (1 - from) * Math.pow((1 - to) / (1 - from), share);
        };
    return Math.min(Math.max(value, from), to);
  }

  /** The value at a share of the range as a text, which the candidate has: the ends exactly. */
  private String text(double share, int digits) {
    if (share > 0 && share < 1) {
      return rounded(number(share), digits);
    }
    double end = share > 0 ? to : from;
    String text = rounded(end, fewestDigits());
    return Double.parseDouble(text) == end ? text : exact(end);
  }

  private String rounded(double value, int digits) {
    return scale == Scale.LOG_FROM_ONE
        ? new BigDecimal(1)
            .subtract(new BigDecimal(1 - value).round(new MathContext(digits)))
            .stripTrailingZeros()
            .toPlainString()
        : format("%." + digits + "g", value);
  }

  private static String exact(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toString();
  }

  private Case value(String text) {
    return new Case(text, List.of(key + "=" + text));
  }
}
