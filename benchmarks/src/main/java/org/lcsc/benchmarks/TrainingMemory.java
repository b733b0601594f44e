package org.lcsc.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * Records the resident set of a training process: 32x32 images, width 64, batch 128 unless said.
 *
 * <p>Arguments: iterations, optionally side, width and batch. Prints {@code iteration,megabytes}
 * every hundredth of the way, then the growth from the first tenth to the end. Needs {@code
 * /proc/self/status}, so Linux.
 *
 * <p>Stateless and thread-safe.
 */
public final class TrainingMemory {

  private static final int LINES = 100;

  private TrainingMemory() {}

  /** Runs. */
  public static void main(String[] args) throws IOException {
    int iterations = number(args, 0, 10_000);
    int side = number(args, 1, 32);
    int width = number(args, 2, 64);
    int batch = number(args, 3, 128);
    UNetSide training = new UNetSide(new UNetCase(side, width, List.of(1, 2, 2), side / 4, batch));
    System.out.println("iteration,megabytes");
    int step = Math.max(1, iterations / LINES);
    double early = 0;
    double last = 0;
    for (int done = step; done <= iterations; done += step) {
      training.train(step);
      last = Measured.residentMegabytes();
      if (early == 0 && done >= iterations / 10) {
        early = last;
      }
      System.out.printf(Locale.ROOT, "%d,%.1f%n", done, last);
    }
    System.out.printf(Locale.ROOT, "growth after the first tenth: %.1f MB%n", last - early);
  }

  private static int number(String[] args, int index, int otherwise) {
    return args.length > index ? Integer.parseInt(args[index]) : otherwise;
  }
}
