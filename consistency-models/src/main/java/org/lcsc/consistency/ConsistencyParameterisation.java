package org.lcsc.consistency;

import java.util.Objects;
import org.lcsc.diffusion.schedule.KarrasSigmas;

/**
 * How a network F becomes a consistency function,
 *
 * <pre>f(x, sigma) = c_skip(sigma) x + c_out(sigma) F(c_in(sigma) x, c_noise(sigma)),</pre>
 *
 * with f(x, epsilon) = x by construction (Song et al. 2023, arXiv:2303.01469, equation 5 and
 * appendix C; c_in and c_noise from Karras et al. 2022, arXiv:2206.00364, table 1). Immutable and
 * thread-safe.
 *
 * @param sigmaData standard deviation of the data, above 0; 0.5 is what the papers assume of images
 *     in [-1, 1]
 * @param epsilon the smallest noise level, above 0, where f is the identity; 0.002 in the papers
 * @param networkTime what the network is told of the noise level
 */
public record ConsistencyParameterisation(
    double sigmaData, double epsilon, NetworkTime networkTime) {

  /** What the network is told of a noise level. */
  public enum NetworkTime {
    /** {@code ln(sigma) / 4}, of EDM: for Fourier embeddings. */
    QUARTER_LOG(0.25),

    /**
     * {@code 250 ln(sigma)}, of the consistency models on ADM: a thousand times as much, for
     * sinusoidal embeddings, which are made for times up to 1000.
     */
    THOUSANDFOLD(250);

    private final double factor;

    NetworkTime(double factor) {
      this.factor = factor;
    }
  }

  /** Checks every component. */
  public ConsistencyParameterisation {
    if (!(sigmaData > 0 && Double.isFinite(sigmaData))) {
      throw new IllegalArgumentException("sigmaData: expected above 0, got " + sigmaData);
    }
    if (!(epsilon > 0 && Double.isFinite(epsilon))) {
      throw new IllegalArgumentException("epsilon: expected above 0, got " + epsilon);
    }
    Objects.requireNonNull(networkTime, "networkTime");
  }

  /**
   * The papers' parameterisation: sigmaData 0.5, epsilon 0.002.
   *
   * @param networkTime what the network is told of the noise level
   */
  public static ConsistencyParameterisation of(NetworkTime networkTime) {
    return new ConsistencyParameterisation(0.5, KarrasSigmas.SIGMA_MIN, networkTime);
  }

  /**
   * {@code sigmaData^2 / ((sigma - epsilon)^2 + sigmaData^2)}, the share of the noisy image; 1 at
   * epsilon.
   *
   * @param sigma noise level, at least epsilon
   */
  public double skip(double sigma) {
    double above = check(sigma) - epsilon;
    return sigmaData * sigmaData / (above * above + sigmaData * sigmaData);
  }

  /**
   * {@code (sigma - epsilon) sigmaData / sqrt(sigma^2 + sigmaData^2)}, the share of the network's
   * output; 0 at epsilon.
   *
   * @param sigma noise level, at least epsilon
   */
  public double out(double sigma) {
    return (check(sigma) - epsilon) * sigmaData / Math.hypot(sigma, sigmaData);
  }

  /**
   * {@code 1 / sqrt(sigma^2 + sigmaData^2)}, which gives the network's input unit variance.
   *
   * @param sigma noise level, at least epsilon
   */
  public double in(double sigma) {
    return 1 / Math.hypot(check(sigma), sigmaData);
  }

  /**
   * The network's time, see {@link NetworkTime}.
   *
   * @param sigma noise level, at least epsilon
   */
  public double noise(double sigma) {
    return networkTime.factor * Math.log(check(sigma));
  }

  private double check(double sigma) {
    if (!(sigma >= epsilon && Double.isFinite(sigma))) {
      throw new IllegalArgumentException(
          "sigma: expected at least epsilon = " + epsilon + ", got " + sigma);
    }
    return sigma;
  }
}
