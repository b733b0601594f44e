package org.lcsc.consistency;

import java.util.Arrays;
import org.lcsc.diffusion.schedule.KarrasSigmas;

/**
 * How a training of a consistency model proceeds: the number of noise levels (ever more of them
 * where there is no teacher), the odds and the weight of each pair of neighbouring levels, and the
 * rate at which the target network follows. Iteration k means that k updates have been applied.
 * Noise levels are in descending order, as {@link KarrasSigmas} gives them; pair i is {@code
 * (sigmas[i], sigmas[i + 1])}. Implementations are immutable and thread-safe.
 */
public sealed interface ConsistencyCurriculum
    permits ConsistencyDistillation,
        ConsistencyTraining,
        ContinuedCurriculum,
        ImprovedConsistencyTraining {

  /**
   * N(k), the number of noise levels; never falls, and stays at its last value once the training
   * has its length.
   *
   * @param iteration k, at least 0
   * @return at least 2
   */
  int levels(int iteration);

  /**
   * mu(k), the rate of the moving average that the target network is; 0 where the target is the
   * trained network itself, without gradient.
   *
   * @param iteration k, at least 0
   * @return in [0, 1)
   */
  double targetRate(int iteration);

  /**
   * The probability of each pair; the same for all unless the curriculum says otherwise.
   *
   * @param sigmas N noise levels, descending, above 0
   * @return N - 1 numbers of sum 1
   */
  default double[] probabilities(double[] sigmas) {
    Checks.sigmas(sigmas);
    double[] uniform = new double[sigmas.length - 1];
    Arrays.fill(uniform, 1.0 / uniform.length);
    return uniform;
  }

  /**
   * lambda, the weight of a pair's loss; 1 unless the curriculum says otherwise.
   *
   * @param sigma the larger level
   * @param next the smaller level, above 0
   */
  default double weight(double sigma, double next) {
    Checks.pair(sigma, next);
    return 1;
  }

  /**
   * The noise levels at an iteration: {@code N(k)} from 80 down to 0.002, with rho = 7.
   *
   * @param iteration k, at least 0
   */
  default double[] sigmas(int iteration) {
    return KarrasSigmas.edm(levels(iteration));
  }
}
