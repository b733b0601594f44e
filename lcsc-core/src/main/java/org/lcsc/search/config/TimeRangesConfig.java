package org.lcsc.search.config;

import java.util.List;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.config.ScalarOrList;

/**
 * Value of {@code lcsc.search.timeRanges}: how many ranges of noise levels, with equal numbers of
 * the sampler's evaluations, or where they meet. One of both is null.
 *
 * @param count ranges, at least 1
 * @param boundaries noise levels sigma at which they meet, positive and ascending
 */
@ScalarOrList
public record TimeRangesConfig(@OptionalKey Integer count, @OptionalKey List<Double> boundaries) {

  /** Checks that one is given. */
  public TimeRangesConfig {
    if ((count == null) == (boundaries == null)) {
      throw new IllegalArgumentException(
          "time ranges need a number or boundaries, got " + (count == null ? "neither" : "both"));
    }
    boundaries = boundaries == null ? null : List.copyOf(boundaries);
  }

  /** Number of ranges. */
  public int size() {
    return count == null ? boundaries.size() + 1 : count;
  }

  /**
   * Checks the values.
   *
   * @param key the key they are given under
   */
  TimeRangesConfig checked(String key) {
    if (count != null) {
      Require.atLeast(key, count, 1);
      return this;
    }
    Require.distinct(key, boundaries);
    for (int i = 0; i < boundaries.size(); i++) {
      Require.positive(key + "[" + i + "]", boundaries.get(i));
      if (i > 0 && boundaries.get(i) < boundaries.get(i - 1)) {
        throw new InvalidValueException(
            key, "not ascending " + boundaries + ", allowed: noise levels sigma, the least first");
      }
    }
    return this;
  }
}
