package org.lcsc.consistency;

import org.lcsc.config.InvalidValueException;
import org.lcsc.io.Text;

/** What the curricula refuse. */
final class Checks {

  private Checks() {}

  /** The iteration, but at most the training's length. */
  static int withinTraining(int iteration, int iterations) {
    if (iteration < 0) {
      throw new IllegalArgumentException("iteration: expected at least 0, got " + iteration);
    }
    return Math.min(iteration, iterations);
  }

  static void rate(String name, double rate) {
    if (!(rate >= 0 && rate < 1)) {
      throw new InvalidValueException(
          name, "out of range (" + rate + "), allowed: 0 to less than 1");
    }
  }

  static void length(int iterations) {
    if (iterations < 1) {
      throw new IllegalArgumentException("iterations: expected at least 1, got " + iterations);
    }
  }

  static void scales(int start, int end, int least) {
    if (start < least) {
      throw new IllegalArgumentException("s0: expected at least " + least + ", got " + start);
    }
    if (end < start) {
      throw new IllegalArgumentException("s1: expected at least s0 = " + start + ", got " + end);
    }
  }

  static void sigmas(double[] sigmas) {
    if (sigmas.length < 2) {
      throw new IllegalArgumentException("sigmas: expected at least 2, got " + sigmas.length);
    }
    for (int i = 0; i < sigmas.length; i++) {
      boolean descends = i == 0 ? Double.isFinite(sigmas[0]) : sigmas[i] < sigmas[i - 1];
      if (!(sigmas[i] > 0 && descends)) {
        throw new IllegalArgumentException(
            Text.format(
                "sigmas: expected finite, descending numbers above 0, got %s at %s%s",
                sigmas[i], i, i == 0 ? "" : " after " + sigmas[i - 1]));
      }
    }
  }

  static void pair(double sigma, double next) {
    if (!(next > 0 && sigma > next && Double.isFinite(sigma))) {
      throw new IllegalArgumentException(
          "pair of sigmas: expected sigma > next > 0, got " + sigma + " and " + next);
    }
  }
}
