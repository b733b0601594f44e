package org.lcsc.diffusion.sampler;

import org.lcsc.config.YamlNames;
import org.lcsc.diffusion.sampler.HeunSampler.Churn;
import org.lcsc.diffusion.schedule.InPlace;
import org.lcsc.diffusion.schedule.KarrasSigmas;
import org.lcsc.diffusion.schedule.LogSnrSchedule;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link HeunSampler#forVp}. */
final class VpHeunSampler implements Sampler {

  private final LogSnrSchedule schedule;
  private final Prediction prediction;
  private final HeunSampler heun;
  private final Buffers buffers = new Buffers(2);

  private VpHeunSampler(LogSnrSchedule schedule, Prediction prediction, HeunSampler heun) {
    this.schedule = schedule;
    this.prediction = prediction;
    this.heun = heun;
  }

  static VpHeunSampler of(NoiseSchedule discrete, Prediction prediction, int steps, Churn churn) {
    LogSnrSchedule schedule = LogSnrSchedule.discrete(discrete);
    double max = Math.exp(-schedule.lambda(schedule.startTime()));
    double min = Math.exp(-schedule.lambda(schedule.endTime()));
    double[] sigmas =
        KarrasSigmas.of(
            steps,
            Math.max(min, KarrasSigmas.SIGMA_MIN),
            Math.min(max, KarrasSigmas.SIGMA_MAX),
            KarrasSigmas.RHO);
    return new VpHeunSampler(schedule, prediction, new HeunSampler(sigmas, churn));
  }

  @Override
  public INDArray sample(Denoiser model, INDArray noise, StepNoise stepNoise) {
    return heun.sample((x, sigma) -> denoise(model, x, sigma), noise, stepNoise);
  }

  /** {@code D(x; sigma)}: x scaled to unit variance of the prior, {@code alpha = c_in}. */
  private INDArray denoise(Denoiser model, INDArray x, double sigma) {
    INDArray scaled = buffers.like(x)[0];
    INDArray denoised = buffers.like(x)[1];
    double alpha = 1 / Math.sqrt(1 + sigma * sigma);
    double t = schedule.inverseLambda(-Math.log(sigma));
    double inRange = Math.max(schedule.endTime(), Math.min(t, schedule.startTime()));
    scaled.assign(x);
    InPlace.scale(scaled, alpha);
    INDArray output = Buffers.evaluate(model, scaled, schedule.networkTime(inRange));
    prediction.toX0(alpha, sigma * alpha, scaled, output, denoised);
    return denoised;
  }

  @Override
  public double noiseLevel(double time) {
    return schedule.noiseLevel(time);
  }

  @Override
  public int evaluations() {
    return heun.evaluations();
  }

  @Override
  public String toString() {
    return heun + " of " + schedule + ", " + YamlNames.of(prediction);
  }
}
