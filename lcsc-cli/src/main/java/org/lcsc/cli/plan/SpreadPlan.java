package org.lcsc.cli.plan;

import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.lcsc.config.Require;
import org.lcsc.objective.StageSeconds;

/**
 * When spreading a search over machines pays. The candidates of a generation are independent, the
 * next generation needs the scores of all of them: a generation of G takes G / M rounds, rounded
 * up, on M executors. Sampling, features and statistics are divided so; merging is not, because
 * every executor merges the whole generation, to the same bits as one machine. Against the saving
 * stand the start of the executors and moving the window, which every executor reads at the same
 * time.
 *
 * @param cost of the search on one machine, of more than 0 seconds
 * @param generation candidates that can be scored at the same time, at least 1
 * @param windowBytes what every executor needs, at least 0
 * @param startSeconds until the executors work, at least 0
 * @param bytesPerSecond at which each reads the window, above 0
 */
public record SpreadPlan(
    SearchCost cost, int generation, long windowBytes, double startSeconds, double bytesPerSecond) {

  public SpreadPlan {
    Require.positive("evaluationSeconds", cost.evaluationSeconds());
    Require.atLeast("generation", generation, 1);
    Require.notNegative("windowBytes", windowBytes);
    Require.notNegative("startSeconds", startSeconds);
    Require.positive("bytesPerSecond", bytesPerSecond);
  }

  /** Seconds of the search on one machine. */
  public double alone() {
    return cost.evaluationSeconds() * cost.evaluations();
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
    int generations = cost.evaluations() / generation;
    int rest = cost.evaluations() % generation;
    return overhead() + generations * seconds(generation, executors) + seconds(rest, executors);
  }

  /** Of one generation. */
  private double seconds(int candidates, int executors) {
    StageSeconds each = cost.evaluation();
    int rounds = Math.toIntExact(((long) candidates + executors - 1) / executors);
    double sampled = rounds * (each.sampling() + each.features());
    double rest = candidates * each.merging() + rounds * each.statistics();
    return cost.overlapped() ? Math.max(sampled, rest) : sampled + rest;
  }

  /** The fewest executors with which the search takes less time than on one machine alone. */
  public OptionalInt pays() {
    return IntStream.rangeClosed(2, Math.max(2, generation))
        .filter(executors -> seconds(executors) < alone())
        .findFirst();
  }
}
