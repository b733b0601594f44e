package org.lcsc.diffusion.sampler;

import org.lcsc.diffusion.sampler.DpmSolver.Algorithm;
import org.lcsc.diffusion.sampler.DpmSolver.SolverType;

/**
 * The updates of DPM-Solver (arXiv:2206.00927) and DPM-Solver++ (arXiv:2211.01095) from level s to
 * level t, {@code h = lambda_t - lambda_s}. Both are one formula in two readings:
 *
 * <pre>
 *            m           base               rho      phi1          phi2           sign
 *   ++       x_0         sigma_t/sigma_s    alpha_t  e^{-h} - 1    phi1/h + 1      +1
 *   plain    epsilon     alpha_t/alpha_s    sigma_t  e^{h} - 1     phi1/h - 1      -1
 *
 *   x_t = base x_s - rho phi1 m + sign rho phi2 D1 - rho phi3 D2,    phi3 = phi2/h - 1/2
 * </pre>
 *
 * where D1 and D2 are finite differences that approximate the first and second derivative of m with
 * respect to lambda, times h and h^2. DPM-Solver's own second-order correction replaces {@code sign
 * phi2} by {@code -phi1/2}, equal up to the order of the method.
 */
record DpmUpdates(Algorithm algorithm, SolverType type) {

  private boolean plusPlus() {
    return algorithm == Algorithm.DPM_SOLVER_PLUS_PLUS;
  }

  private double base(NoiseLevel s, NoiseLevel t) {
    return plusPlus() ? t.sigma() / s.sigma() : t.alpha() / s.alpha();
  }

  private double rho(NoiseLevel t) {
    return plusPlus() ? t.alpha() : t.sigma();
  }

  private double sign() {
    return plusPlus() ? 1 : -1;
  }

  private double phi1(double h) {
    return Math.expm1(-sign() * h);
  }

  private double phi2(double h) {
    return phi1(h) / h + sign();
  }

  private double phi3(double h) {
    return phi2(h) / h - 0.5;
  }

  /** The factor of D1 in a second-order update. */
  private double correction(double h) {
    return type == SolverType.TAYLOR ? sign() * phi2(h) : -0.5 * phi1(h);
  }

  /** First order, which is DDIM (arXiv:2206.00927, equation 3.7). Weight of m_s. */
  LinearUpdate first(NoiseLevel s, NoiseLevel t) {
    double h = t.lambda() - s.lambda();
    return new LinearUpdate(base(s, t), -rho(t) * phi1(h));
  }

  /** Second order, multistep (arXiv:2211.01095, Algorithm 2: 2M). Weights of m_s and m_s1. */
  LinearUpdate multistepSecond(NoiseLevel s1, NoiseLevel s, NoiseLevel t) {
    double h = t.lambda() - s.lambda();
    double r0 = (s.lambda() - s1.lambda()) / h;
    double d = rho(t) * correction(h) / r0; // D1 = (m_s - m_s1) / r0
    return new LinearUpdate(base(s, t), -rho(t) * phi1(h) + d, -d);
  }

  /**
   * Third order, multistep (3M): D1 and D2 are those of the quadratic through the three latest
   * evaluations. The paper stops at 2M; this is the form its authors' software gives to the next
   * order. Weights of m_s, m_s1 and m_s2, from newest to oldest.
   */
  LinearUpdate multistepThird(NoiseLevel s2, NoiseLevel s1, NoiseLevel s, NoiseLevel t) {
    double h = t.lambda() - s.lambda();
    double r0 = (s.lambda() - s1.lambda()) / h;
    double r1 = (s1.lambda() - s2.lambda()) / h;
    double[] d10 = {1 / r0, -1 / r0, 0};
    double[] d11 = {0, 1 / r1, -1 / r1};
    double[] weights = new double[3];
    for (int k = 0; k < 3; k++) {
      double m = k == 0 ? 1 : 0;
      double d1 = d10[k] + r0 / (r0 + r1) * (d10[k] - d11[k]);
      double d2 = (d10[k] - d11[k]) / (r0 + r1);
      weights[k] = rho(t) * (-phi1(h) * m + sign() * phi2(h) * d1 - phi3(h) * d2);
    }
    return new LinearUpdate(base(s, t), weights);
  }

  /**
   * Second order, singlestep (arXiv:2206.00927, Algorithm 1; arXiv:2211.01095, Algorithm 1: 2S).
   * Weights of m_s and m_s1, where s1 lies between s and t and x_s1 came from {@link #first}.
   */
  LinearUpdate singlestepSecond(NoiseLevel s, NoiseLevel s1, NoiseLevel t) {
    double h = t.lambda() - s.lambda();
    double r1 = (s1.lambda() - s.lambda()) / h;
    double d = rho(t) * correction(h) / r1; // D1 = (m_s1 - m_s) / r1
    return new LinearUpdate(base(s, t), -rho(t) * phi1(h) - d, d);
  }

  /**
   * The second intermediate value of third order, singlestep (arXiv:2206.00927, Algorithm 2).
   * Weights of m_s and m_s1.
   *
   * @param end the level t at which the whole step ends
   */
  LinearUpdate singlestepThirdInner(NoiseLevel s, NoiseLevel s1, NoiseLevel s2, NoiseLevel end) {
    double h = end.lambda() - s.lambda();
    double r1 = (s1.lambda() - s.lambda()) / h;
    double r2 = (s2.lambda() - s.lambda()) / h;
    double d = sign() * r2 / r1 * rho(s2) * phi2(r2 * h);
    return new LinearUpdate(base(s, s2), -rho(s2) * phi1(r2 * h) - d, d);
  }

  /** Third order, singlestep (arXiv:2206.00927, Algorithm 2). Weights of m_s, m_s1 and m_s2. */
  LinearUpdate singlestepThird(NoiseLevel s, NoiseLevel s1, NoiseLevel s2, NoiseLevel t) {
    double h = t.lambda() - s.lambda();
    double r1 = (s1.lambda() - s.lambda()) / h;
    double r2 = (s2.lambda() - s.lambda()) / h;
    if (type == SolverType.DPMSOLVER) {
      double d = sign() * rho(t) * phi2(h) / r2; // D1 = (m_s2 - m_s) / r2
      return new LinearUpdate(base(s, t), -rho(t) * phi1(h) - d, 0, d);
    }
    double[] d10 = {-1 / r1, 1 / r1, 0};
    double[] d11 = {-1 / r2, 0, 1 / r2};
    double[] weights = new double[3];
    for (int k = 0; k < 3; k++) {
      double m = k == 0 ? 1 : 0;
      double d1 = (r2 * d10[k] - r1 * d11[k]) / (r2 - r1);
      double d2 = 2 * (d11[k] - d10[k]) / (r2 - r1);
      weights[k] = rho(t) * (-phi1(h) * m + sign() * phi2(h) * d1 - phi3(h) * d2);
    }
    return new LinearUpdate(base(s, t), weights);
  }
}
