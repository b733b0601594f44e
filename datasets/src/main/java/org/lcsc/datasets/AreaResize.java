package org.lcsc.datasets;

/**
 * Shrinks square images by area averaging: a pixel of the result is the mean of the source over the
 * square that it covers, source pixels on its edge counted by the fraction covered.
 *
 * <p>Exact: with source side n and target side m, source pixel j spans [jm, (j+1)m) and target
 * pixel i spans [in, (i+1)n) of the same line of nm units, so weights and sums are whole numbers
 * and the only rounding is the last, half up. Thread-safe.
 */
final class AreaResize {

  private final int from;
  private final int to;

  /** First source pixel under target pixel i. */
  private final int[] first;

  /** Covered units of each source pixel under target pixel i; they sum to {@code from}. */
  private final int[][] weights;

  /**
   * @param from side of the source
   * @param to side of the result
   * @throws IllegalArgumentException where {@code to} is below 1 or above {@code from}
   */
  AreaResize(int from, int to) {
    if (to < 1 || to > from) {
      throw new IllegalArgumentException(
          "side " + to + ": area averaging only shrinks, so it must be 1 to " + from);
    }
    this.from = from;
    this.to = to;
    this.first = new int[to];
    this.weights = new int[to][];
    for (int i = 0; i < to; i++) {
      long start = (long) i * from;
      long end = start + from;
      first[i] = (int) (start / to);
      int last = (int) ((end - 1) / to);
      weights[i] = new int[last - first[i] + 1];
      for (int j = first[i]; j <= last; j++) {
        weights[i][j - first[i]] =
            (int) (Math.min(end, (j + 1L) * to) - Math.max(start, (long) j * to));
      }
    }
  }

  /**
   * Shrinks every channel of an image.
   *
   * @param source {@code channels x from x from} values
   * @param target receives {@code channels x to x to} values
   * @param at where in {@code target} the first value goes
   */
  void apply(byte[] source, int channels, byte[] target, int at) {
    long area = (long) from * from;
    long[] columns = new long[from];
    for (int c = 0; c < channels; c++) {
      int plane = c * from * from;
      for (int y = 0; y < to; y++) {
        sumRows(source, plane, y, columns);
        int out = at + (c * to + y) * to;
        for (int x = 0; x < to; x++) {
          long sum = 0;
          int[] weight = weights[x];
          for (int k = 0; k < weight.length; k++) {
            sum += weight[k] * columns[first[x] + k];
          }
          target[out + x] = (byte) ((2 * sum + area) / (2 * area));
        }
      }
    }
  }

  /** Weighted sums of each source column over the rows under target row y. */
  private void sumRows(byte[] source, int plane, int y, long[] columns) {
    int[] weight = weights[y];
    for (int k = 0; k < weight.length; k++) {
      int row = plane + (first[y] + k) * from;
      int w = weight[k];
      if (k == 0) {
        for (int x = 0; x < from; x++) {
          columns[x] = (long) w * (source[row + x] & 0xff);
        }
      } else {
        for (int x = 0; x < from; x++) {
          columns[x] += (long) w * (source[row + x] & 0xff);
        }
      }
    }
  }
}
