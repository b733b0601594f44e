package org.lcsc.cli.sweep;

import static org.lcsc.io.Text.format;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

  /** All values; of a range as many as {@code steps}. */
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
    List<Case> all = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < steps; i++) {
      Case value = at(i / (steps - 1.0));
      // Whole numbers may repeat.
      if (seen.add(value.label())) {
        all.add(value);
      }
    }
    return all;
  }

  /**
   * The value of a range at a share of it.
   *
   * @param share 0 to 1
   */
  public Case at(double share) {
    double value =
        switch (scale) {
          case LINEAR -> from + share * (to - from);
          case LOG -> from * Math.pow(to / from, share);
          case LOG_FROM_ONE -> 1 - (1 - from) * Math.pow((1 - to) / (1 - from), share);
        };
    if (whole) {
      return value(String.valueOf(Math.round(value)));
    }
    // Short enough to read; the candidate is what is printed.
    return value(
        scale == Scale.LOG_FROM_ONE
            ? new BigDecimal(1)
                .subtract(new BigDecimal(1 - value).round(new MathContext(3)))
                .stripTrailingZeros()
                .toPlainString()
            : format("%.4g", value));
  }

  private Case value(String text) {
    return new Case(text, List.of(key + "=" + text));
  }
}
