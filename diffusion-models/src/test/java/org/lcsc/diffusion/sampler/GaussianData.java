package org.lcsc.diffusion.sampler;

import java.util.function.DoubleUnaryOperator;
import org.lcsc.diffusion.schedule.LogSnrSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Data N(0, s^2), s = 0.5, for which the perfect network is linear in x and the probability flow is
 * known: x(t) is proportional to the standard deviation of the marginal.
 */
final class GaussianData {

  static final double S = 0.5;

  private GaussianData() {}

  /** The perfect network. Its outputs share one array, as the contract allows. */
  static Denoiser network(
      LogSnrSchedule schedule, Prediction prediction, DoubleUnaryOperator tOfNetworkTime) {
    INDArray[] output = new INDArray[1];
    return (x, networkTime) -> {
      double t = tOfNetworkTime.applyAsDouble(networkTime);
      double alpha = schedule.alpha(t);
      double sigma = schedule.sigma(t);
      double variance = alpha * alpha * S * S + sigma * sigma;
      double epsilon = sigma / variance;
      double x0 = alpha * S * S / variance;
      double factor =
          switch (prediction) {
            case EPSILON -> epsilon;
            case V -> alpha * epsilon - sigma * x0;
            case X0 -> x0;
          };
      if (output[0] == null || output[0].length() != x.length()) {
        output[0] = Nd4j.createUninitialized(x.dataType(), x.shape(), 'c');
      }
      return output[0].assign(x).muli(factor);
    };
  }

  /** Variance of the marginal at t. */
  static double variance(LogSnrSchedule schedule, double t) {
    double alpha = schedule.alpha(t);
    return alpha * alpha * S * S + 1 - alpha * alpha;
  }

  /** The factor by which the exact probability flow scales x from start to end. */
  static double exactFactor(LogSnrSchedule schedule) {
    return Math.sqrt(
        variance(schedule, schedule.endTime()) / variance(schedule, schedule.startTime()));
  }

  /** The factor by which a sampler scales x. */
  static double factor(Sampler sampler, Denoiser network) {
    INDArray noise = Nd4j.createFromArray(1.0, -2.0).reshape(1, 2, 1, 1);
    INDArray x = sampler.sample(network, noise, StepNoise.NONE);
    if (x.dataType() != DataType.DOUBLE || x.getDouble(1) != -2 * x.getDouble(0)) {
      throw new AssertionError("the sampler is not linear: " + x);
    }
    return x.getDouble(0);
  }
}
