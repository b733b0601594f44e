package org.lcsc.cli.plan;

import java.util.List;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * Figures that a plan is made from, as a YAML file gives them. What is absent is measured.
 *
 * @param source where the figures are from, for the reader
 * @param evaluation seconds of one evaluation
 * @param overlapped whether merging and statistics run on the CPU while an accelerator samples, as
 *     in the paper (Appendix B.2), so that the longer of both counts; default false: one after the
 *     other, as here
 * @param training the training that a speed-up is measured against
 * @param spread what spreading over machines costs
 */
public record PlanFigures(
    @OptionalKey String source,
    @OptionalKey EvaluationFigures evaluation,
    @OptionalKey Boolean overlapped,
    @OptionalKey TrainingFigures training,
    @OptionalKey SpreadFigures spread) {

  /** Nothing is given. */
  public static final PlanFigures NONE = new PlanFigures(null, null, null, null, null);

  /** Fills in the defaults. */
  public PlanFigures {
    evaluation = evaluation == null ? EvaluationFigures.NONE : evaluation;
    overlapped = overlapped != null && overlapped;
    training = training == null ? TrainingFigures.NONE : training;
    spread = spread == null ? SpreadFigures.DEFAULT : spread;
  }

  /**
   * Section {@code evaluation}: a row of the paper's Table 5, in seconds per evaluation, each at
   * least 0; default null: measured.
   *
   * @param mergeSeconds forming alpha . Theta
   * @param sampleSeconds sampling
   * @param featureSeconds features of the samples
   * @param statisticsSeconds mean, covariance and distance
   */
  public record EvaluationFigures(
      @OptionalKey Double mergeSeconds,
      @OptionalKey Double sampleSeconds,
      @OptionalKey Double featureSeconds,
      @OptionalKey Double statisticsSeconds) {

    /** Nothing is given. */
    public static final EvaluationFigures NONE = new EvaluationFigures(null, null, null, null);

    public EvaluationFigures {
      Require.notNegative("mergeSeconds", mergeSeconds);
      Require.notNegative("sampleSeconds", sampleSeconds);
      Require.notNegative("featureSeconds", featureSeconds);
      Require.notNegative("statisticsSeconds", statisticsSeconds);
    }

    /** Whether nothing is left to measure. */
    public boolean complete() {
      return mergeSeconds != null
          && sampleSeconds != null
          && featureSeconds != null
          && statisticsSeconds != null;
    }

    /** These figures, with those of another where these have none. */
    public EvaluationFigures or(EvaluationFigures other) {
      return new EvaluationFigures(
          first(mergeSeconds, other.mergeSeconds),
          first(sampleSeconds, other.sampleSeconds),
          first(featureSeconds, other.featureSeconds),
          first(statisticsSeconds, other.statisticsSeconds));
    }
  }

  /**
   * Section {@code training}: the standard training, a row of the paper's Table 6.
   *
   * @param hours of the whole, above 0; this or {@code iterationSeconds}; default null: measured
   * @param iterationSeconds of one iteration, above 0
   * @param iterations updates, at least 1; default null: the configuration's
   * @param batchSize images per update, at least 1; default null: the configuration's
   */
  public record TrainingFigures(
      @OptionalKey Double hours,
      @OptionalKey Double iterationSeconds,
      @OptionalKey Integer iterations,
      @OptionalKey Integer batchSize) {

    /** Nothing is given. */
    public static final TrainingFigures NONE = new TrainingFigures(null, null, null, null);

    public TrainingFigures {
      Require.positive("hours", hours);
      if (iterationSeconds != null) {
        Require.positive("iterationSeconds", iterationSeconds);
        Require.not(
            hours != null,
            "iterationSeconds",
            "given beside hours (%s), allowed: one of the two",
            iterationSeconds);
      }
      Require.atLeast("iterations", iterations, 1);
      Require.atLeast("batchSize", batchSize, 1);
    }
  }

  /**
   * Section {@code spread}.
   *
   * @param startSeconds until the executors work, at least 0; default 30
   * @param megabytesPerSecond at which every executor reads the window, above 0; default 100, about
   *     a gigabit network
   * @param executors numbers of executors to compare, at least 2 each; default 2, 4, 8, 16
   */
  public record SpreadFigures(
      @OptionalKey Double startSeconds,
      @OptionalKey Double megabytesPerSecond,
      @OptionalKey List<Integer> executors) {

    public static final SpreadFigures DEFAULT = new SpreadFigures(null, null, null);

    /** Fills in the defaults and validates. */
    public SpreadFigures {
      startSeconds = Require.notNegative("startSeconds", startSeconds == null ? 30 : startSeconds);
      megabytesPerSecond =
          Require.positive(
              "megabytesPerSecond", megabytesPerSecond == null ? 100 : megabytesPerSecond);
      executors =
          Require.distinct("executors", executors == null ? List.of(2, 4, 8, 16) : executors);
      for (int i = 0; i < executors.size(); i++) {
        Require.atLeast("executors[" + i + "]", executors.get(i), 2);
      }
    }
  }

  private static Double first(Double value, Double otherwise) {
    return value == null ? otherwise : value;
  }
}
