package org.lcsc.diffusion.schedule;

/**
 * The continuous VP SDE with beta(t) linear from beta0 to beta1 (Song et al. 2021,
 * arXiv:2011.13456), from t = 1 to 1e-3; the network time is t itself.
 */
public record ContinuousLinearLogSnr(double beta0, double beta1) implements LogSnrSchedule {

  @Override
  public double marginalLogAlpha(double t) {
    return -t * t * (beta1 - beta0) / 4 - t * beta0 / 2;
  }

  /** The positive root of the quadratic above, in the form that does not cancel. */
  @Override
  public double inverseLambda(double lambda) {
    double c = -4 * LogSnrSchedule.logAlphaOfLambda(lambda) * (beta1 - beta0);
    return c / ((Math.sqrt(beta0 * beta0 + c) + beta0) * (beta1 - beta0));
  }

  @Override
  public double networkTime(double t) {
    return t;
  }

  @Override
  public double noiseLevel(double networkTime) {
    return Math.exp(-lambda(networkTime));
  }

  @Override
  public double startTime() {
    return 1;
  }

  @Override
  public double endTime() {
    return 1e-3;
  }
}
