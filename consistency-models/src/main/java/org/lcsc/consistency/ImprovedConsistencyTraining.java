package org.lcsc.consistency;

import org.lcsc.diffusion.training.EdmBatches;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The curriculum of improved consistency training (Song and Dhariwal 2023, arXiv:2310.14189, table
 * 1): levels double at equal distances,
 *
 * <pre>
 * N(k) = min(s0 2^floor(k / K'), s1) + 1,   K' = floor(K / (log2 floor(s1 / s0) + 1)),
 * </pre>
 *
 * noise is drawn from a discretised log-normal distribution, pairs weigh {@code 1 / (sigma -
 * next)}, and the target is the trained network itself.
 *
 * @param s0 levels at the start, less one; at least 1
 * @param s1 levels at the end, less one; at least s0
 * @param logMean mean of ln sigma
 * @param logDeviation standard deviation of ln sigma, above 0
 * @param iterations length K of the training in iterations, at least one per doubling
 */
public record ImprovedConsistencyTraining(
    int s0, int s1, double logMean, double logDeviation, int iterations)
    implements ConsistencyCurriculum {

  public ImprovedConsistencyTraining {
    Checks.scales(s0, s1, 1);
    new EdmBatches.LogNormal(logMean, logDeviation); // checks both
    if (stage(s0, s1, iterations) < 1) {
      throw new IllegalArgumentException(
          Text.format(
              "iterations: expected at least %s to get from s0 = %s to s1 = %s, got %s",
              (int) Math.ceil(stages(s0, s1)), s0, s1, iterations));
    }
  }

  /**
   * {@code c = 0.00054 sqrt(d)} of the pseudo-Huber distance {@code sqrt(|x - y|^2 + c^2) - c}, in
   * which |x - y| is the Euclidean norm over the whole image (arXiv:2310.14189, section 3.3).
   *
   * @param dimension d, values per image, at least 1
   */
  public static double pseudoHuberConstant(long dimension) {
    Refuse.argument(dimension < 1, "dimension: expected at least 1, got %s", dimension);
    return 0.00054 * Math.sqrt(dimension);
  }

  private static double stages(int s0, int s1) {
    return Math.log(s1 / s0) / Math.log(2) + 1;
  }

  /** K', iterations between two doublings. */
  private static int stage(int s0, int s1, int iterations) {
    // Powers of two must not come out a hair above a whole number.
    return (int) Math.floor(iterations / stages(s0, s1) + 1e-9);
  }

  @Override
  public int levels(int iteration) {
    int doublings = Checks.withinTraining(iteration, iterations) / stage(s0, s1, iterations);
    // 31 doublings pass every s1; more would overflow.
    return (int) Math.min((long) s0 << Math.min(doublings, 31), s1) + 1;
  }

  /** {@inheritDoc} Here: 0. */
  @Override
  public double targetRate(int iteration) {
    Checks.withinTraining(iteration, iterations);
    return 0;
  }

  /**
   * {@inheritDoc} Here: proportional to {@code erf((ln sigma - logMean) / (sqrt(2) logDeviation)) -
   * erf((ln next - logMean) / (sqrt(2) logDeviation))}.
   */
  @Override
  public double[] probabilities(double[] sigmas) {
    Checks.sigmas(sigmas);
    double[] standard = new double[sigmas.length];
    for (int i = 0; i < sigmas.length; i++) {
      standard[i] = (Math.log(sigmas[i]) - logMean) / (Math.sqrt(2) * logDeviation);
    }
    INDArray erf = Nd4j.math().erf(Nd4j.createFromArray(standard));
    double[] cumulative = erf.toDoubleVector();
    double all = cumulative[0] - cumulative[sigmas.length - 1];
    if (!(all > 0)) {
      throw new IllegalArgumentException(
          Text.format(
              "sigmas: expected some where ln sigma has mean %s and standard deviation %s, got %s"
                  + " down to %s",
              logMean, logDeviation, sigmas[0], sigmas[sigmas.length - 1]));
    }
    double[] probabilities = new double[sigmas.length - 1];
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = (cumulative[i] - cumulative[i + 1]) / all;
    }
    return probabilities;
  }

  /** {@inheritDoc} Here: {@code 1 / (sigma - next)}. */
  @Override
  public double weight(double sigma, double next) {
    Checks.pair(sigma, next);
    return 1 / (sigma - next);
  }
}
