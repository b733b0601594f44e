package org.lcsc.diffusion.schedule;

import java.util.Arrays;
import org.lcsc.io.Text;

/** {@link LogSnrSchedule#discrete}. */
final class DiscreteLogSnr implements LogSnrSchedule {

  private static final double MIN_LAMBDA = -5.1;

  private final NoiseSchedule schedule;

  /** {@code ln alpha} of the N steps that are left, strictly decreasing. */
  private final double[] logAlphas;

  DiscreteLogSnr(NoiseSchedule schedule) {
    this.schedule = schedule;
    int n = schedule.steps();
    while (n > 0 && LogSnrSchedule.lambdaOfLogAlpha(schedule.logAlpha(n - 1)) < MIN_LAMBDA) {
      n--;
    }
    if (n < 2) {
      throw new IllegalArgumentException(
          Text.format(
              "noise schedule %s has %d steps with lambda >= %s, but a solver needs at least 2",
              schedule, n, MIN_LAMBDA));
    }
    logAlphas = new double[n];
    Arrays.setAll(logAlphas, schedule::logAlpha);
  }

  @Override
  public double marginalLogAlpha(double t) {
    double step = t * logAlphas.length - 1;
    int i = Math.max(0, Math.min((int) Math.floor(step), logAlphas.length - 2));
    return logAlphas[i] + (step - i) * (logAlphas[i + 1] - logAlphas[i]);
  }

  @Override
  public double inverseLambda(double lambda) {
    double logAlpha = LogSnrSchedule.logAlphaOfLambda(lambda);
    int i = segmentOf(logAlpha);
    double step = i + (logAlpha - logAlphas[i]) / (logAlphas[i + 1] - logAlphas[i]);
    return (step + 1) / logAlphas.length;
  }

  /** The i in [0, N-2] whose segment [i, i+1] holds, or is extrapolated to, this value. */
  private int segmentOf(double logAlpha) {
    int low = 0;
    int high = logAlphas.length - 1;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (logAlphas[middle] >= logAlpha) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public double networkTime(double t) {
    return schedule.networkTime(t * logAlphas.length - 1);
  }

  @Override
  public double noiseLevel(double networkTime) {
    return schedule.noiseLevel(networkTime);
  }

  @Override
  public double startTime() {
    return 1;
  }

  @Override
  public double endTime() {
    return 1.0 / logAlphas.length;
  }

  @Override
  public String toString() {
    return schedule.toString();
  }
}
