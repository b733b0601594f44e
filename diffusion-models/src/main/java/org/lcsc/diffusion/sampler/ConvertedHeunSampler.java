package org.lcsc.diffusion.sampler;

import org.lcsc.config.YamlNames;
import org.lcsc.diffusion.sampler.HeunSampler.Churn;
import org.lcsc.diffusion.schedule.FlowPath;
import org.lcsc.diffusion.schedule.InPlace;
import org.lcsc.diffusion.schedule.KarrasSigmas;
import org.lcsc.diffusion.schedule.LogSnrSchedule;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link HeunSampler} of a network that is not EDM's denoiser, but says the same as one. */
final class ConvertedHeunSampler implements Sampler {

  /** What a network has to do with {@code D(x; sigma)}. */
  private interface Conversion {

    /** What x is multiplied by for the network. */
    double scale(double sigma);

    double networkTime(double sigma);

    double noiseLevel(double networkTime);

    /** D, of the scaled x and the network's output there. */
    void toX0(double sigma, INDArray scaled, INDArray output, INDArray into);
  }

  /** x scaled to unit variance of the prior, {@code alpha = c_in}. */
  private record OfChain(LogSnrSchedule schedule, Prediction prediction) implements Conversion {

    @Override
    public double scale(double sigma) {
      return 1 / Math.sqrt(1 + sigma * sigma);
    }

    @Override
    public double networkTime(double sigma) {
      double t = schedule.inverseLambda(-Math.log(sigma));
      return schedule.networkTime(Math.max(schedule.endTime(), Math.min(t, schedule.startTime())));
    }

    @Override
    public double noiseLevel(double networkTime) {
      return schedule.noiseLevel(networkTime);
    }

    @Override
    public void toX0(double sigma, INDArray scaled, INDArray output, INDArray into) {
      double alpha = scale(sigma);
      prediction.toX0(alpha, sigma * alpha, scaled, output, into);
    }

    @Override
    public String toString() {
      return schedule + ", " + YamlNames.of(prediction);
    }
  }

  /** x scaled to a point of the straight path. */
  private record OfFlow(double timeScale) implements Conversion {

    @Override
    public double scale(double sigma) {
      return 1 - FlowPath.time(sigma);
    }

    @Override
    public double networkTime(double sigma) {
      return FlowPath.time(sigma) * timeScale;
    }

    @Override
    public double noiseLevel(double networkTime) {
      return FlowPath.sigma(networkTime / timeScale);
    }

    @Override
    public void toX0(double sigma, INDArray scaled, INDArray output, INDArray into) {
      FlowPath.toX0(FlowPath.time(sigma), scaled, output, into);
    }

    @Override
    public String toString() {
      return "a flow";
    }
  }

  private final Conversion conversion;
  private final HeunSampler heun;
  private final Buffers buffers = new Buffers(2);

  private ConvertedHeunSampler(Conversion conversion, double[] sigmas, Churn churn) {
    this.conversion = conversion;
    this.heun = new HeunSampler(sigmas, churn);
  }

  /**
   * Samples a variance-preserving network along EDM's noise levels, from the noisiest level of the
   * schedule (at most sigma = 80) to its cleanest (at least 0.002), and on to 0. The network is
   * asked at the fractional step of the same signal-to-noise ratio.
   *
   * @param steps number of noise levels N, at least 2; NFE is 2 N - 1
   */
  static Sampler ofChain(NoiseSchedule discrete, Prediction prediction, int steps, Churn churn) {
    LogSnrSchedule schedule = LogSnrSchedule.discrete(discrete);
    double max = Math.exp(-schedule.lambda(schedule.startTime()));
    double min = Math.exp(-schedule.lambda(schedule.endTime()));
    double[] sigmas =
        KarrasSigmas.of(
            steps,
            Math.max(min, KarrasSigmas.SIGMA_MIN),
            Math.min(max, KarrasSigmas.SIGMA_MAX),
            KarrasSigmas.RHO);
    return new ConvertedHeunSampler(new OfChain(schedule, prediction), sigmas, churn);
  }

  /** A velocity field of flow matching, along EDM's noise levels. */
  static Sampler ofFlow(double timeScale, int steps, Churn churn) {
    return new ConvertedHeunSampler(new OfFlow(timeScale), KarrasSigmas.edm(steps), churn);
  }

  @Override
  public INDArray sample(Denoiser model, INDArray noise, StepNoise stepNoise) {
    return heun.sample((x, sigma) -> denoise(model, x, sigma), noise, stepNoise);
  }

  private INDArray denoise(Denoiser model, INDArray x, double sigma) {
    INDArray scaled = buffers.like(x)[0];
    INDArray denoised = buffers.like(x)[1];
    scaled.assign(x);
    InPlace.scale(scaled, conversion.scale(sigma));
    INDArray output = Buffers.evaluate(model, scaled, conversion.networkTime(sigma));
    conversion.toX0(sigma, scaled, output, denoised);
    return denoised;
  }

  @Override
  public double noiseLevel(double time) {
    return conversion.noiseLevel(time);
  }

  @Override
  public int evaluations() {
    return heun.evaluations();
  }

  @Override
  public String toString() {
    return heun + " of " + conversion;
  }
}
