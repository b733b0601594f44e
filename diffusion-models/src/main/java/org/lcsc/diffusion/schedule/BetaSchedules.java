package org.lcsc.diffusion.schedule;

import org.lcsc.config.Kind;

/**
 * The published {@link BetaSchedule}s. Those that are given by their two end points (1e-4 and 0.02
 * at T = 1000) have both scaled by 1000/T at other lengths, so that the noise at the end of the
 * chain stays the same (Nichol and Dhariwal 2021, arXiv:2102.09672).
 *
 * <p>Stateless and thread-safe.
 */
public final class BetaSchedules {

  private static final double BETA_START = 1e-4;
  private static final double BETA_END = 0.02;

  /** Cap that keeps alphaBar above zero at the end of the chain (arXiv:2102.09672, section 3.2). */
  private static final double MAX_BETA = 0.999;

  private BetaSchedules() {}

  /** Betas evenly spaced from 1e-4 to 0.02, scaled by 1000/T (arXiv:2006.11239, section 4). */
  @Kind("linear")
  public record Linear() implements BetaSchedule {
    @Override
    public double beta(int t, int steps) {
      return between(start(steps), end(steps), (double) t / (steps - 1));
    }
  }

  /**
   * {@code alphaBar(u) = cos^2((u + 0.008) / 1.008 * pi/2)}, betas capped at 0.999
   * (arXiv:2102.09672, equation 17).
   */
  @Kind("cosine")
  public record Cosine() implements BetaSchedule {
    @Override
    public double beta(int t, int steps) {
      return Math.min(1 - alphaBar(t + 1, steps) / alphaBar(t, steps), MAX_BETA);
    }

    private static double alphaBar(int t, int steps) {
      double cosine = Math.cos(((double) t / steps + 0.008) / 1.008 * Math.PI / 2);
      return cosine * cosine;
    }
  }

  /** Square roots of the betas evenly spaced between the ends of {@link Linear}. */
  @Kind("quadratic")
  public record Quadratic() implements BetaSchedule {
    @Override
    public double beta(int t, int steps) {
      double root =
          between(Math.sqrt(start(steps)), Math.sqrt(end(steps)), (double) t / (steps - 1));
      return root * root;
    }
  }

  /** Every beta 0.02, scaled by 1000/T. */
  @Kind("constant")
  public record Constant() implements BetaSchedule {
    @Override
    public double beta(int t, int steps) {
      return end(steps);
    }
  }

  /**
   * {@code beta_t = 1 / (T - t)} (Sohl-Dickstein et al. 2015, arXiv:1503.03585). Its last beta, 1,
   * would destroy the signal altogether, and is capped at 0.999 as in {@link Cosine}.
   */
  @Kind("jsd")
  public record Jsd() implements BetaSchedule {
    @Override
    public double beta(int t, int steps) {
      return Math.min(1.0 / (steps - t), MAX_BETA);
    }
  }

  /** A logistic curve over [-6, 6] between the ends of {@link Linear}. */
  @Kind("sigmoid")
  public record Sigmoid() implements BetaSchedule {
    @Override
    public double beta(int t, int steps) {
      double logistic = 1 / (1 + Math.exp(-between(-6, 6, (double) t / (steps - 1))));
      return between(start(steps), end(steps), logistic);
    }
  }

  private static double start(int steps) {
    return BETA_START * NoiseSchedule.REFERENCE_STEPS / steps;
  }

  private static double end(int steps) {
    return BETA_END * NoiseSchedule.REFERENCE_STEPS / steps;
  }

  private static double between(double from, double to, double fraction) {
    return from + (to - from) * fraction;
  }
}
