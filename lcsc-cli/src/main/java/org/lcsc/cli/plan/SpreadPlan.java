package org.lcsc.cli.plan;

import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.lcsc.config.Require;

/**
 * When spreading a search over machines pays. The candidates of a generation are independent, the
 * next generation needs the scores of all of them: a generation of G takes G / M rounds, rounded
 * up, on M executors. Against that stand the start of the executors and moving the window, which
 * every executor reads at the same time.
 *
 * @param evaluationSeconds of one evaluation on one executor, above 0
 * @param evaluations of the search, at least 1
 * @param generation candidates that can be scored at the same time, at least 1
 * @param windowBytes what every executor needs, at least 0
 * @param startSeconds until the executors work, at least 0
 * @param bytesPerSecond at which each reads the window, above 0
 */
public record SpreadPlan(
    double evaluationSeconds,
    int evaluations,
    int generation,
    long windowBytes,
    double startSeconds,
    double bytesPerSecond) {

  /** Validates. */
  public SpreadPlan {
    Require.positive("evaluationSeconds", evaluationSeconds);
    Require.atLeast("evaluations", evaluations, 1);
    Require.atLeast("generation", generation, 1);
    Require.notNegative("windowBytes", windowBytes);
    Require.notNegative("startSeconds", startSeconds);
    Require.positive("bytesPerSecond", bytesPerSecond);
  }

  /** Seconds of the search on one machine. */
  public double alone() {
    return evaluationSeconds * evaluations;
  }

  /** Seconds before the first evaluation of a spread search. */
  public double overhead() {
    return startSeconds + windowBytes / bytesPerSecond;
  }

  /**
   * Seconds of the search on several executors, start and window included.
   *
   * @param executors at least 1
   */
  public double seconds(int executors) {
    Require.atLeast("executors", executors, 1);
    int generations = evaluations / generation;
    int rest = evaluations % generation;
    long rounds = (long) generations * rounds(generation, executors) + rounds(rest, executors);
    return overhead() + rounds * evaluationSeconds;
  }

  private static int rounds(int candidates, int executors) {
    return (candidates + executors - 1) / executors;
  }

  /** The fewest executors with which the search takes less time than on one machine alone. */
  public OptionalInt pays() {
    return IntStream.rangeClosed(2, Math.max(2, generation))
        .filter(executors -> seconds(executors) < alone())
        .findFirst();
  }
}
