package org.lcsc.consistency;

import org.lcsc.config.Require;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/** What the curricula refuse. */
final class Checks {

  /** The most noise levels: more would not fit, nor tell images apart. */
  static final int MOST_LEVELS = 1 << 20;

  private Checks() {}

  /** The iteration, but at most the training's length. */
  static int withinTraining(int iteration, int iterations) {
    Refuse.argument(iteration < 0, "iteration: expected at least 0, got %s", iteration);
    return Math.min(iteration, iterations);
  }

  static void rate(String name, double rate) {
    Require.not(
        !(rate >= 0 && rate < 1), name, "out of range (%s), allowed: 0 to less than 1", rate);
  }

  static void length(int iterations) {
    Refuse.argument(iterations < 1, "iterations: expected at least 1, got %s", iterations);
  }

  static void scales(int start, int end, int least) {
    Refuse.argument(start < least, "s0: expected at least %s, got %s", least, start);
    Refuse.argument(end < start, "s1: expected at least s0 = %s, got %s", start, end);
  }

  static void sigmas(double[] sigmas) {
    Refuse.argument(sigmas.length < 2, "sigmas: expected at least 2, got %s", sigmas.length);
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
