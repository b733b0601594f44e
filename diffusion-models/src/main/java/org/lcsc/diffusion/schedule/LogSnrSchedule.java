package org.lcsc.diffusion.schedule;

/**
 * A variance-preserving diffusion in continuous time t, as DPM-Solver sees it (Lu et al. 2022,
 * arXiv:2206.00927): {@code x_t = alpha_t x_0 + sigma_t eps} with {@code alpha_t^2 + sigma_t^2 =
 * 1}, and half the logarithm of the signal-to-noise ratio, {@code lambda_t = ln(alpha_t /
 * sigma_t)}, strictly decreasing in t. Implementations are immutable and thread-safe.
 */
public interface LogSnrSchedule {

  /** {@code ln alpha_t}. */
  double marginalLogAlpha(double t);

  /** The t at which {@link #lambda} has this value. */
  double inverseLambda(double lambda);

  /** The time that the network is given at {@code t}. */
  double networkTime(double t);

  /** The noise level {@code sigma_t / alpha_t} of a network time. */
  double noiseLevel(double networkTime);

  /** The t of pure noise, where sampling starts. */
  double startTime();

  /** The t at which sampling ends, just above 0. */
  double endTime();

  /** Signal rate {@code alpha_t}. */
  default double alpha(double t) {
    return Math.exp(marginalLogAlpha(t));
  }

  /** Noise rate {@code sigma_t}. */
  default double sigma(double t) {
    return Math.sqrt(-Math.expm1(2 * marginalLogAlpha(t)));
  }

  /** {@code lambda_t = ln(alpha_t / sigma_t)}. */
  default double lambda(double t) {
    return lambdaOfLogAlpha(marginalLogAlpha(t));
  }

  /** {@code lambda} for {@code ln alpha}, in a variance-preserving diffusion. */
  static double lambdaOfLogAlpha(double logAlpha) {
    return logAlpha - 0.5 * Math.log(-Math.expm1(2 * logAlpha));
  }

  /** {@code ln alpha = -ln(1 + e^(-2 lambda)) / 2}, without overflow. */
  static double logAlphaOfLambda(double lambda) {
    return lambda > 0
        ? -0.5 * Math.log1p(Math.exp(-2 * lambda))
        : lambda - 0.5 * Math.log1p(Math.exp(2 * lambda));
  }

  /**
   * The continuous view of a discrete chain: {@code ln alpha} is piecewise linear through the
   * steps, step i lying at {@code t = (i + 1) / N}, and is extrapolated linearly beyond the ends.
   *
   * <p>Steps at the end of the chain with {@code lambda < -5.1} are dropped, because the solver
   * loses its accuracy there; N is the number of steps that are left. The network time at t is
   * {@code (t - 1/N) N 1000/T}: the network is asked at the step it was trained at. (The authors'
   * own code feeds {@code (t - 1/N) 1000}, which is the same unless steps were dropped, and then
   * stretches the times by T/N: 999.749 instead of 995.75 at the start of a cosine schedule of 4000
   * steps.)
   */
  static LogSnrSchedule discrete(NoiseSchedule schedule) {
    return new DiscreteLogSnr(schedule);
  }
}
