package org.lcsc.cli.plan;

import org.lcsc.config.Require;

/**
 * How long a training takes. Time is taken as proportional to the images seen: of half the
 * iterations, or half the batch, half the time, as the paper's Tables 6 to 8 take it.
 *
 * @param hours of the whole, above 0
 * @param iterations updates, at least 1
 * @param batchSize images per update, at least 1
 */
public record TrainingTime(double hours, int iterations, int batchSize) {

  public TrainingTime {
    Require.positive("hours", hours);
    Require.atLeast("iterations", iterations, 1);
    Require.atLeast("batchSize", batchSize, 1);
  }

  /** A training from the seconds of an iteration. */
  public static TrainingTime ofIteration(double seconds, int iterations, int batchSize) {
    return new TrainingTime(seconds * iterations / 3600, iterations, batchSize);
  }

  /** Hours of another training on the same machine. */
  public double hours(Point point) {
    return hours
        * ((double) point.iterations() / iterations)
        * ((double) point.batchSize() / batchSize);
  }

  /**
   * A point that a training reaches.
   *
   * @param iterations updates, at least 1
   * @param batchSize images per update, at least 1
   */
  public record Point(int iterations, int batchSize) {

    public Point {
      Require.atLeast("iterations", iterations, 1);
      Require.atLeast("batchSize", batchSize, 1);
    }

    /**
     * Reads {@code N} or {@code N@BATCH}.
     *
     * @param batchSize where the text names none
     * @throws IllegalArgumentException where it is neither
     */
    public static Point parse(String text, int batchSize) {
      String[] parts = text.split("@", -1);
      try {
        if (parts.length <= 2) {
          return new Point(
              Integer.parseInt(parts[0].strip()),
              parts.length == 2 ? Integer.parseInt(parts[1].strip()) : batchSize);
        }
      } catch (NumberFormatException e) {
        // Told below like everything else that is neither form.
      }
      throw new IllegalArgumentException(
          "not an iteration (" + text + "), allowed: N or N@BATCH, for example 100000@128");
    }
  }
}
