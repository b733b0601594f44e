package org.lcsc.datasets;

/**
 * Counts of the 256 pixel values, from which the standard deviation follows without the rounding of
 * a running sum. Not thread-safe while counting.
 */
final class PixelHistogram {

  private final long[] counts = new long[256];

  void add(byte[] image) {
    for (byte pixel : image) {
      counts[pixel & 0xff]++;
    }
  }

  /** Standard deviation of the values v / 127.5 - 1, divisor N. */
  double standardDeviation() {
    double mean = meanPixel();
    double sum = 0;
    for (int v = 0; v < counts.length; v++) {
      sum += counts[v] * (v - mean) * (v - mean);
    }
    return Math.sqrt(sum / total()) / 127.5;
  }

  private double meanPixel() {
    long sum = 0;
    for (int v = 0; v < counts.length; v++) {
      sum += counts[v] * v;
    }
    return (double) sum / total();
  }

  private long total() {
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    return total;
  }
}
