package org.lcsc.objective;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Ranges of noise levels, each of which a sampler evaluates a model of its own in. The level is
 * sigma, the standard deviation of the noise beside an image of scale 1; that of a
 * variance-preserving diffusion is its noise rate over its signal rate. Range 0 has the least
 * noise.
 *
 * <p>The parameters of such a model are those of its R parts one after the other, {@code [R * P]}.
 * Immutable and thread-safe.
 *
 * @param boundaries R - 1 levels, positive and ascending; a level that is a boundary belongs to the
 *     range above it
 */
public record TimeRanges(List<Double> boundaries) {

  /** One model for all noise levels. */
  public static final TimeRanges ONE = new TimeRanges(List.of());

  public TimeRanges {
    boundaries = List.copyOf(boundaries);
    double last = 0;
    for (double boundary : boundaries) {
      if (!(boundary > last && Double.isFinite(boundary))) {
        throw new IllegalArgumentException(
            "boundaries of time ranges must be positive, finite and ascending, got " + boundaries);
      }
      last = boundary;
    }
  }

  /**
   * Ranges that a sampler evaluates its network in equally often; where the evaluations cannot be
   * divided evenly, by one more or less. Evaluations at the same level fall into the same range. A
   * boundary is the geometric mean of the levels on both sides, or twice the lower one where the
   * other is infinite, as that of pure noise.
   *
   * @param ranges R, at least 1
   * @param levels sigma of every evaluation, in any order
   * @throws IllegalArgumentException where there are fewer distinct levels than ranges
   */
  public static TimeRanges equalShares(int ranges, double[] levels) {
    double[] sorted = levels.clone();
    Arrays.sort(sorted);
    long distinct = Arrays.stream(sorted).distinct().count();
    if (ranges < 1 || distinct < ranges) {
      throw new IllegalArgumentException(
          Text.format(
              "the sampler evaluates its network at %d noise level%s, which makes 1 to %d ranges,"
                  + " got %d",
              distinct, distinct == 1 ? "" : "s", distinct, ranges));
    }
    List<Double> boundaries = new ArrayList<>();
    int last = 0;
    for (int range = 1; range < ranges; range++) {
      int wanted = (int) Math.round((double) range * sorted.length / ranges);
      last = cut(sorted, wanted, last, ranges - range);
      boundaries.add(between(sorted[last - 1], sorted[last]));
    }
    return new TimeRanges(boundaries);
  }

  /** The index nearest to {@code wanted} at which the level rises, enough levels left above it. */
  private static int cut(double[] sorted, int wanted, int above, int left) {
    int nearest = -1;
    for (int i = above + 1; i < sorted.length; i++) {
      boolean rises = sorted[i] > sorted[i - 1];
      boolean enough = Arrays.stream(sorted, i, sorted.length).distinct().count() >= left;
      if (rises && enough && (nearest < 0 || Math.abs(i - wanted) < Math.abs(nearest - wanted))) {
        nearest = i;
      }
    }
    return nearest;
  }

  private static double between(double low, double high) {
    if (Double.isInfinite(high)) {
      return low > 0 ? 2 * low : 1;
    }
    double mean = low > 0 ? Math.sqrt(low * high) : high / 2;
    // Of neighbouring numbers the mean may be the lower one.
    return mean > low ? mean : high;
  }

  /** Number of ranges R. */
  public int size() {
    return boundaries.size() + 1;
  }

  /** The range of a noise level. */
  public int of(double level) {
    int range = 0;
    while (range < boundaries.size() && level >= boundaries.get(range)) {
      range++;
    }
    return range;
  }

  /** The least noise level of a range; 0 for the first. */
  public double from(int range) {
    Objects.checkIndex(range, size());
    return range == 0 ? 0 : boundaries.get(range - 1);
  }

  /** The noise level that a range ends below; infinite for the last. */
  public double to(int range) {
    Objects.checkIndex(range, size());
    return range == boundaries.size() ? Double.POSITIVE_INFINITY : boundaries.get(range);
  }

  /**
   * These ranges, each of which has evaluations of a sampler.
   *
   * @param levels sigma of every evaluation
   * @throws IllegalArgumentException where one has none: its coefficients would mean nothing
   */
  public TimeRanges requireUsed(double[] levels) {
    for (int range = 0; range < size(); range++) {
      int index = range;
      if (Arrays.stream(levels).noneMatch(level -> of(level) == index)) {
        throw new IllegalArgumentException(
            Text.format(
                "the sampler never evaluates its network at %s, its noise levels are %s to %s",
                description(range),
                number(Arrays.stream(levels).min().orElse(0)),
                number(Arrays.stream(levels).max().orElse(0))));
      }
    }
    return this;
  }

  /**
   * A range's part of a vector.
   *
   * @param stacked {@code [R * P]}
   * @return a view, {@code [P]}
   */
  public INDArray part(INDArray stacked, int range) {
    Objects.checkIndex(range, size());
    long length = stacked.length() / size();
    return stacked
        .reshape(stacked.length())
        .get(NDArrayIndex.interval(range * length, (range + 1) * length));
  }

  /** A range in words: {@code "sigma 0.5 to 5"}. */
  public String description(int range) {
    String from = number(from(range));
    if (size() == 1) {
      return "every sigma";
    }
    return range == 0
        ? "sigma below " + number(to(0))
        : range == size() - 1 ? "sigma from " + from : "sigma " + from + " to " + number(to(range));
  }

  /** All ranges in words, the least noise first. */
  public String description() {
    StringJoiner text = new StringJoiner("; ");
    for (int range = 0; range < size(); range++) {
      text.add(description(range));
    }
    return text.toString();
  }

  private static String number(double sigma) {
    if (Double.isInfinite(sigma)) {
      return "infinity";
    }
    return new BigDecimal(sigma, new MathContext(4)).stripTrailingZeros().toPlainString();
  }
}
