package org.lcsc.objective;

import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An objective over samples that can score on the first of them alone, at a part of the cost. Such
 * scores compare with scores of the same share only.
 */
public interface PartialObjective extends Objective {

  /**
   * An objective that can score a share.
   *
   * @throws IllegalArgumentException where it cannot
   */
  static PartialObjective require(Objective objective) {
    if (objective instanceof PartialObjective partial) {
      return partial;
    }
    throw new IllegalArgumentException(
        "not possible with the objective "
            + objective.name()
            + ", allowed: one that scores a share of its samples");
  }

  /** Number of samples of {@link #evaluate(INDArray)}. */
  int samples();

  /**
   * How many samples a share is, at least 2.
   *
   * @param share in (0, 1]
   * @throws IllegalArgumentException where it is not
   */
  default int samples(double share) {
    return samples(samples(), share);
  }

  /** How many samples a share of some is, as {@link #samples(double)}. */
  static int samples(int all, double share) {
    Refuse.argument(!(share > 0 && share <= 1), "share must be in (0, 1], got %s", share);
    return Math.max(2, (int) Math.round(share * all));
  }

  @Override
  default Evaluation evaluate(INDArray parameters) {
    return evaluate(parameters, 1);
  }

  /**
   * Scores one parameter vector on a share of the samples.
   *
   * @param parameters flat parameters of the network, {@code [P]}; not modified, not retained
   * @param share in (0, 1]; 1 is {@link #evaluate(INDArray)} to the bit
   * @return the score with the seconds each stage took
   */
  Evaluation evaluate(INDArray parameters, double share);
}
