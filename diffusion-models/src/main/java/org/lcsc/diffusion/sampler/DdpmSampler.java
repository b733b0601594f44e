package org.lcsc.diffusion.sampler;

import org.lcsc.diffusion.schedule.InPlace;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.NoiseSchedule.Posterior;
import org.lcsc.diffusion.schedule.Prediction;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Ancestral sampling (Ho et al. 2020, arXiv:2006.11239, Algorithm 2), over the whole chain or over
 * some of its steps (Nichol and Dhariwal 2021, arXiv:2102.09672, section 4).
 *
 * <p>Not thread-safe.
 */
public final class DdpmSampler implements Sampler {

  /** Variance of the reverse step. */
  public enum Variance {
    /** beta, the upper bound. */
    FIXED_LARGE,
    /** betaTilde, the posterior variance, the lower bound. */
    FIXED_SMALL
  }

  private final NoiseSchedule schedule;
  private final Prediction prediction;
  private final Variance variance;
  private final boolean clip;
  private final Step[] steps;
  private final Buffers buffers = new Buffers(1);

  /** One reverse step from t to s; {@code deviation} is 0 for the last. */
  private record Step(
      double time, double alpha, double sigma, Posterior posterior, double deviation) {}

  /**
   * @param timesteps steps to visit, ascending, for example {@link Timesteps#all}
   * @param clip whether the predicted x_0 is clipped to [-1, 1]
   */
  public DdpmSampler(
      NoiseSchedule schedule,
      Prediction prediction,
      int[] timesteps,
      Variance variance,
      boolean clip) {
    this.schedule = schedule;
    this.prediction = prediction;
    this.variance = variance;
    this.clip = clip;
    int[] visited = Timesteps.checked(schedule.steps(), timesteps);
    steps = new Step[visited.length];
    for (int i = 0; i < steps.length; i++) {
      int t = visited[steps.length - 1 - i];
      int s = i == steps.length - 1 ? -1 : visited[steps.length - 2 - i];
      Posterior posterior = schedule.posterior(t, s);
      double noise = variance == Variance.FIXED_LARGE ? posterior.beta() : posterior.variance();
      steps[i] =
          new Step(
              schedule.networkTime(t),
              schedule.alpha(t),
              schedule.sigma(t),
              posterior,
              s == -1 ? 0 : Math.sqrt(noise));
    }
  }

  @Override
  public INDArray sample(Denoiser model, INDArray noise, StepNoise stepNoise) {
    INDArray x = Buffers.initial(noise, 1);
    INDArray x0 = buffers.like(x)[0];
    for (int i = 0; i < steps.length; i++) {
      Step step = steps[i];
      INDArray output = Buffers.evaluate(model, x, step.time);
      prediction.toX0(step.alpha, step.sigma, x, output, x0);
      if (clip) {
        Buffers.clip(x0);
      }
      // mu(x_t, x_0), equation 7
      InPlace.combine(step.posterior.xtWeight(), x, step.posterior.x0Weight(), x0, x);
      if (step.deviation > 0) {
        InPlace.add(x, step.deviation, stepNoise.gaussian(i));
      }
    }
    return x;
  }

  @Override
  public double noiseLevel(double time) {
    return schedule.noiseLevel(time);
  }

  @Override
  public int evaluations() {
    return steps.length;
  }

  @Override
  public String toString() {
    return String.format(
        "DDPM(%s, %s, %d steps, %s%s)",
        schedule,
        prediction.configName(),
        steps.length,
        variance == Variance.FIXED_LARGE ? "fixed-large" : "fixed-small",
        clip ? ", clip" : "");
  }
}
