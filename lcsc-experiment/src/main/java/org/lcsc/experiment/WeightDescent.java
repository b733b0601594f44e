package org.lcsc.experiment;

import java.io.IOException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Require;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Objective;
import org.lcsc.objective.Safeguard;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.search.strategy.Leaders;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Descends the objective of a search in all weights of a model, where a search combines checkpoints
 * (as FD-loss does, arXiv:2604.28190): by Adam (Kingma and Ba 2015) with a learning rate that falls
 * linearly to 0, each step on noise of its own. The result is the point of the lowest score on
 * validation noise, of the start and ten points of the path; with {@code keepRecall} of those that
 * draw no less variety than the start. Immutable and thread-safe.
 *
 * @param learningRate the first, above 0
 * @param evaluations what it costs, in evaluations as a search counts them, at least 1
 */
public record WeightDescent(double learningRate, int evaluations) {

  /** How often validation looks at the path. */
  private static final int CHECKS = 10;

  public WeightDescent {
    Require.positive("learningRate", learningRate);
    Require.atLeast("evaluations", evaluations, 1);
  }

  /** Is called where validation noise has looked at the path. */
  @FunctionalInterface
  public interface Listener {

    /**
     * Shows it.
     *
     * @param step steps taken, 0 at the start
     * @param steps all that will be
     * @param score on validation noise
     * @param refusal why a better score is not taken, or null: less variety than the start has, see
     *     {@link Safeguard}
     * @param best the parameters if they are the best so far, else null; not to be kept
     * @throws IOException where they cannot be written; it ends the descent
     */
    void checked(int step, int steps, double score, String refusal, INDArray best)
        throws IOException;
  }

  /**
   * The best of the path.
   *
   * @param parameters {@code [P]}
   * @param startScore of the start on validation noise
   * @param score of the parameters there, at most that of the start
   * @param endedAt the step whose objective was not finite, which ends the descent; 0 where none
   *     was
   */
  public record Result(INDArray parameters, double startScore, double score, int endedAt) {

    /** Whether any point of the path was better than the start. */
    public boolean improved() {
      return Leaders.ranked(score) < Leaders.ranked(startScore);
    }
  }

  /**
   * Descends.
   *
   * @param experiment gives objective, noise and samples, by its section {@code lcsc}
   * @param network of the experiment; left alone
   * @param start parameters, {@code [P]}; not modified
   * @throws IllegalArgumentException where the objective has no gradient, or the cost is not that
   *     of a single step
   * @throws IOException where data or features cannot be read, or by the listener
   */
  public Result descend(
      Experiment experiment, ComputationGraph network, INDArray start, Listener listener)
      throws IOException {
    LcscConfig lcsc = experiment.config().lcsc();
    DifferentiableObjective objective =
        DifferentiableObjective.require(experiment.searched(network, lcsc.search()));
    SampleGenerator shared = experiment.shared(network, TimeRanges.ONE);
    Objective validation =
        experiment.objective(
            network, shared, lcsc.validation().seed(), lcsc.validation().samples());
    int steps = (int) (evaluations / objective.gradientCost());
    Require.not(
        steps < 1,
        "evaluations",
        "must be at least %s, one step (%s)",
        (int) Math.ceil(objective.gradientCost()),
        evaluations);

    INDArray weights = start.dup();
    INDArray best = start.dup();
    INDArray gradient = Nd4j.create(DataType.FLOAT, weights.length());
    Adam adam = new Adam(learningRate);
    GradientUpdater<?> updater =
        adam.instantiate(Nd4j.create(DataType.FLOAT, 1, adam.stateSize(weights.length())), true);
    double startScore = validation.evaluate(weights).score();
    Safeguard.Comparison variety =
        (lcsc.search().keepRecall() && Double.isFinite(startScore)
                ? experiment.variety(shared)
                : Safeguard.NONE)
            .against(start);
    double least = startScore;
    listener.checked(0, steps, startScore, null, best);
    int checked = 0;
    for (int step = 1; step <= steps; step++) {
      if (!Double.isFinite(objective.gradient(weights, step, gradient).score())) {
        return new Result(best, startScore, least, step);
      }
      updater.applyUpdater(gradient.reshape(1, gradient.length()), step - 1, 0);
      weights.subi(gradient.muli(1 - (step - 1.0) / steps));
      if (step * CHECKS / steps > checked || step == steps) {
        checked = step * CHECKS / steps;
        double score = validation.evaluate(weights).score();
        boolean lower = Leaders.ranked(score) < Leaders.ranked(least);
        String refusal = lower ? variety.refusal(weights) : null;
        boolean better = lower && refusal == null;
        if (better) {
          least = score;
          best.assign(weights);
        }
        listener.checked(step, steps, score, refusal, better ? best : null);
      }
    }
    return new Result(best, startScore, least, 0);
  }
}
