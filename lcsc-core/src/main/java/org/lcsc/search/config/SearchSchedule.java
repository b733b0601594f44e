package org.lcsc.search.config;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The iterations to search at: some, or one every so many.
 *
 * @param at ascending; empty where {@code every} says it
 * @param every iterations between searches; 0 for none
 * @param from first of them
 */
public record SearchSchedule(List<Integer> at, int every, int from) {

  /** No search is due. */
  public static final SearchSchedule NEVER = new SearchSchedule(List.of(), 0, 0);

  /** Keeps the iterations as they are. */
  public SearchSchedule {
    at = List.copyOf(at);
  }

  /**
   * Searches at some iterations.
   *
   * @throws IllegalArgumentException where there is none, or one below 1
   */
  public static SearchSchedule at(int... iterations) {
    List<Integer> ascending = Arrays.stream(iterations).sorted().distinct().boxed().toList();
    if (ascending.isEmpty() || ascending.get(0) < 1) {
      throw new IllegalArgumentException(
          "searchAt takes iterations of at least 1, got " + Arrays.toString(iterations));
    }
    return new SearchSchedule(ascending, 0, 0);
  }

  /**
   * Searches every so many iterations.
   *
   * @throws IllegalArgumentException where one of them is below 1
   */
  public static SearchSchedule every(int every, int from) {
    if (every < 1 || from < 1) {
      throw new IllegalArgumentException(
          "searchEvery takes at least 1 iteration, got every " + every + " from " + from);
    }
    return new SearchSchedule(List.of(), every, from);
  }

  /** Whether a search is due at an iteration. */
  public boolean isDue(long iteration) {
    return countUntil(iteration) > countUntil(iteration - 1);
  }

  /**
   * How many searches there are until an iteration.
   *
   * @param iteration the last that counts, at least 0; may be beyond the range of int
   */
  public long countUntil(long iteration) {
    if (every > 0) {
      return iteration < from ? 0 : 1 + (iteration - from) / every;
    }
    return at.stream().filter(i -> i <= iteration).count();
  }

  /** The iterations of a training of so many, ascending. */
  public List<Integer> within(int iterations) {
    if (every > 0) {
      // In long: the step beyond the last iteration may leave the range of int.
      return LongStream.iterate(from, i -> i <= iterations, i -> i + every)
          .mapToObj(i -> (int) i)
          .toList();
    }
    return at.stream().filter(i -> i <= iterations).toList();
  }

  /** The first iteration, where there is one. */
  public int first() {
    return every > 0 ? from : at.get(0);
  }

  @Override
  public String toString() {
    return every > 0 ? "searchEvery=" + every + " from " + from : "searchAt=" + at;
  }
}
