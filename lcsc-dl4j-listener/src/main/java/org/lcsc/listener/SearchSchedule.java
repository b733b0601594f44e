package org.lcsc.listener;

import java.util.Arrays;

/**
 * The iterations to search at.
 *
 * @param at ascending; empty where {@code every} says it
 * @param every iterations between searches; 0 for none
 * @param from first of them
 */
record SearchSchedule(int[] at, int every, int from) {

  static final SearchSchedule NEVER = new SearchSchedule(new int[0], 0, 0);

  static SearchSchedule at(int... iterations) {
    int[] ascending = Arrays.stream(iterations).sorted().distinct().toArray();
    if (ascending.length == 0 || ascending[0] < 1) {
      throw new IllegalArgumentException(
          "searchAt takes iterations of at least 1, got " + Arrays.toString(iterations));
    }
    return new SearchSchedule(ascending, 0, 0);
  }

  static SearchSchedule every(int every, int from) {
    if (every < 1 || from < 1) {
      throw new IllegalArgumentException(
          "searchEvery takes at least 1 iteration, got every " + every + " from " + from);
    }
    return new SearchSchedule(new int[0], every, from);
  }

  boolean due(long iteration) {
    if (every > 0) {
      return iteration >= from && (iteration - from) % every == 0;
    }
    return Arrays.stream(at).anyMatch(i -> i == iteration);
  }

  @Override
  public String toString() {
    return every > 0 ? "searchEvery=" + every + " from " + from : "searchAt=" + Arrays.toString(at);
  }
}
