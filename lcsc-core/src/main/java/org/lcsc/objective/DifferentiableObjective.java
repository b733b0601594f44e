package org.lcsc.objective;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An objective that also gives its gradient with respect to the parameters. The gradient with
 * respect to combination coefficients is then one product, Theta . dF/dtheta. Not thread-safe.
 */
public interface DifferentiableObjective extends Objective {

  /**
   * Scores one parameter vector and differentiates the score.
   *
   * @param parameters flat parameters of the network, {@code [P]}; not modified, not retained
   * @param draw which noise: 0 is that of {@link #evaluate}, every other number is noise of its
   *     own, for a search that never sees the same noise twice. An objective without noise ignores
   *     it.
   * @param gradient receives the gradient, {@code [P]}; arbitrary where the score is not finite
   * @return the score, for draw 0 that of {@link #evaluate}, with the seconds each stage took
   */
  Evaluation gradient(INDArray parameters, long draw, INDArray gradient);

  /**
   * What {@link #gradient} costs in calls of {@link #evaluate}, by the number of network passes: a
   * constant, so that budgets do not depend on the machine.
   */
  double gradientCost();

  /**
   * This objective on the first of its samples alone, at a part of the cost. Such scores compare
   * with scores of the same share only.
   *
   * @param share in (0, 1]; 1 is this objective
   * @return an objective on the same network; no two of them may score at once
   * @throws IllegalArgumentException where it has no samples to leave out
   */
  default DifferentiableObjective onShare(double share) {
    if (share == 1) {
      return this;
    }
    throw new IllegalArgumentException(
        "objective " + name() + " has no gradient on a share of its samples");
  }

  /**
   * An objective as one with a gradient.
   *
   * @throws IllegalArgumentException where it has none; the message says what to do
   */
  static DifferentiableObjective require(Objective objective) {
    if (objective instanceof DifferentiableObjective differentiable) {
      return differentiable;
    }
    throw new IllegalArgumentException(
        "objective "
            + objective.name()
            + " has no gradient: search it by evolution, or search an objective that has one and"
            + " report this one");
  }
}
