package org.lcsc.diffusion.schedule;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * The variances of a discrete variance-preserving diffusion (Ho et al. 2020, arXiv:2006.11239):
 * {@code x_t = sqrt(alphaBar_t) x_0 + sqrt(1 - alphaBar_t) eps} for the steps t = 0 .. T-1, with
 * {@code alphaBar_t = prod_{i<=t} (1 - beta_i)}.
 *
 * <p>A {@link BetaSchedule} makes one. All values are in double precision. Immutable and
 * thread-safe.
 */
public final class NoiseSchedule {

  /** Length of the chain whose steps count as network time; also the length of reference. */
  public static final int REFERENCE_STEPS = 1000;

  private final String name;
  private final double[] betas;

  /** {@code ln alphaBar_t / 2}; a sum of logarithms keeps full precision at both ends. */
  private final double[] logAlphas;

  /**
   * A schedule of given betas.
   *
   * @param name what it is called
   * @param steps length T of the chain, at least 2
   * @param beta {@code beta_t} for t = 0 .. T-1, each in (0, 1)
   */
  public NoiseSchedule(String name, int steps, IntToDoubleFunction beta) {
    Refuse.argument(
        steps < 2, "noise schedule %s: steps must be at least 2, but is %s", name, steps);
    this.name = name;
    this.betas = new double[steps];
    this.logAlphas = new double[steps];
    double sum = 0;
    for (int t = 0; t < steps; t++) {
      betas[t] = beta.applyAsDouble(t);
      if (!(betas[t] > 0 && betas[t] < 1)) {
        throw new IllegalArgumentException(
            Text.format(
                "noise schedule %s with %d steps: beta must be in (0, 1), but is %s at step %d;"
                    + " a schedule scaled by 1000/steps needs more than 20 steps",
                name, steps, betas[t], t));
      }
      sum += Math.log1p(-betas[t]);
      logAlphas[t] = 0.5 * sum;
    }
  }

  /** {@link BetaSchedules.Linear}. */
  public static NoiseSchedule linear(int steps) {
    return new BetaSchedules.Linear().over(steps);
  }

  /** Length T of the chain. */
  public int steps() {
    return betas.length;
  }

  /** {@code alphaBar_t}, the share of the variance of x_t that is signal; 1 for t = -1. */
  public double alphaBar(int t) {
    return Math.exp(2 * logAlpha(t));
  }

  /** {@code ln alpha_t = ln(alphaBar_t) / 2}; 0 for t = -1. */
  public double logAlpha(int t) {
    return t == -1 ? 0 : logAlphas[t];
  }

  /** Signal rate {@code alpha_t = sqrt(alphaBar_t)}; 1 for t = -1. */
  public double alpha(int t) {
    return Math.exp(logAlpha(t));
  }

  /** Noise rate {@code sigma_t = sqrt(1 - alphaBar_t)}; 0 for t = -1. */
  public double sigma(int t) {
    return Math.sqrt(-Math.expm1(2 * logAlpha(t)));
  }

  /**
   * The time that the network is given for step {@code t}: {@code t * 1000 / T}, so that time
   * embeddings see the same range at every length of the chain.
   *
   * @param t step, may lie between two steps
   */
  public double networkTime(double t) {
    return t * REFERENCE_STEPS / steps();
  }

  /**
   * The noise level {@code sigma_t / alpha_t} of a network time; between two steps, and beyond the
   * ends, {@code ln alpha} is linear.
   *
   * @return at least 0
   */
  public double noiseLevel(double networkTime) {
    double t = networkTime * steps() / REFERENCE_STEPS;
    int i = Math.max(-1, Math.min((int) Math.floor(t), steps() - 2));
    double logAlpha = logAlpha(i) + (t - i) * (logAlpha(i + 1) - logAlpha(i));
    return Math.sqrt(Math.expm1(-2 * Math.min(0, logAlpha)));
  }

  /**
   * {@code q(x_s | x_t, x_0)} of the chain that visits only some of the steps.
   *
   * @param t step, in [0, T)
   * @param s the step that follows in sampling, in [-1, t); -1 is the data
   */
  public Posterior posterior(int t, int s) {
    if (s < -1 || s >= t || t >= steps()) {
      throw new IllegalArgumentException(
          "posterior from step " + t + " to " + s + ": must be -1 <= s < t < " + steps());
    }
    double noiseT = -Math.expm1(2 * logAlpha(t));
    double noiseS = -Math.expm1(2 * logAlpha(s));
    double logAlphaStep = logAlpha(t) - logAlpha(s);
    double beta = -Math.expm1(2 * logAlphaStep);
    return new Posterior(
        beta,
        beta * noiseS / noiseT,
        alpha(s) * beta / noiseT,
        Math.exp(logAlphaStep) * noiseS / noiseT);
  }

  @Override
  public String toString() {
    return name + "(" + steps() + ")";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NoiseSchedule that && Arrays.equals(betas, that.betas);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(betas);
  }

  /**
   * The Gaussian {@code q(x_s | x_t, x_0)}, of mean {@code x0Weight x_0 + xtWeight x_t}.
   *
   * @param beta {@code 1 - alphaBar_t / alphaBar_s}, the upper bound of the reverse variance
   * @param variance {@code betaTilde = beta (1 - alphaBar_s) / (1 - alphaBar_t)}, the lower bound
   * @param x0Weight {@code sqrt(alphaBar_s) beta / (1 - alphaBar_t)}
   * @param xtWeight {@code sqrt(1 - beta) (1 - alphaBar_s) / (1 - alphaBar_t)}
   */
  public record Posterior(double beta, double variance, double x0Weight, double xtWeight) {}
}
