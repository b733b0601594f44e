package org.lcsc.metrics;

import java.util.Arrays;
import java.util.Random;

/** Draws of rows without replacement. Stateless and thread-safe. */
final class DistinctRows {

  private DistinctRows() {}

  /** Positions of {@code count} different rows out of {@code total}. */
  static int[] draw(int total, int count, Random random) {
    int[] order = new int[total];
    Arrays.setAll(order, i -> i);
    for (int i = 0; i < count; i++) {
      int other = i + random.nextInt(total - i);
      int chosen = order[other];
      order[other] = order[i];
      order[i] = chosen;
    }
    return Arrays.copyOf(order, count);
  }
}
