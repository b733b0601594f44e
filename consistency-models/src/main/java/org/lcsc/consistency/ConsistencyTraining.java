package org.lcsc.consistency;

/**
 * The curriculum of consistency training as first published (Song et al. 2023, arXiv:2303.01469,
 * appendix C):
 *
 * <pre>
 * N(k)  = ceil(sqrt(k/K ((s1 + 1)^2 - s0^2) + s0^2) - 1) + 1
 * mu(k) = exp(s0 ln(mu0) / (N(k) - 1))
 * </pre>
 *
 * with every pair as likely and as heavy as any other. The paper divides by N(k) in mu(k); the
 * authors' code, which made its results and which is followed here, by N(k) - 1.
 *
 * @param s0 levels at the start, at least 2
 * @param s1 levels at the end, less one; at least s0
 * @param mu0 rate of the target network at the start would there be s0 + 1 levels, in [0, 1)
 * @param iterations length K of the training in iterations, at least 1
 */
public record ConsistencyTraining(int s0, int s1, double mu0, int iterations)
    implements ConsistencyCurriculum {

  public ConsistencyTraining {
    Checks.scales(s0, s1, 2);
    Checks.rate("mu0", mu0);
    Checks.length(iterations);
  }

  @Override
  public int levels(int iteration) {
    double progress = (double) Checks.withinTraining(iteration, iterations) / iterations;
    double start = (double) s0 * s0;
    double end = (s1 + 1.0) * (s1 + 1.0);
    return (int) Math.ceil(Math.sqrt(progress * (end - start) + start) - 1) + 1;
  }

  @Override
  public double targetRate(int iteration) {
    return Math.exp(s0 * Math.log(mu0) / (levels(iteration) - 1));
  }
}
