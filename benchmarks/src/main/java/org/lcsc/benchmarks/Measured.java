package org.lcsc.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What benchmarks make of what they measure. Memory needs {@code /proc/self/status}, so Linux.
 *
 * <p>Stateless and thread-safe.
 */
final class Measured {

  private static final Path STATUS = Path.of("/proc/self/status");

  private Measured() {}

  /** The middle value, of an even number of them the upper one. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Memory that this process has. */
  static double residentMegabytes() throws IOException {
    return megabytes("VmRSS:");
  }

  /** The most memory that this process ever had. */
  static double peakMegabytes() throws IOException {
    return megabytes("VmHWM:");
  }

  private static double megabytes(String key) throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith(key)) {
        return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
    throw new IOException(STATUS + ": expected a line " + key);
  }
}
