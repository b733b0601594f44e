package org.lcsc.diffusion.sampler;

import org.lcsc.diffusion.schedule.InPlace;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Denoising diffusion implicit models (Song et al. 2021, arXiv:2010.02502): deterministic at {@code
 * eta = 0}, ancestral at {@code eta = 1}.
 *
 * <p>Not thread-safe.
 */
public final class DdimSampler implements Sampler {

  /** What is done with a predicted x_0 outside [-1, 1]. */
  public enum Clip {
    /** Nothing, as in the DDIM paper's code. */
    NONE,
    /** It is clipped, and the predicted noise is kept. */
    X0,
    /** It is clipped, and the noise is derived from it anew (iDDPM). */
    X0_AND_EPSILON
  }

  private final NoiseSchedule schedule;
  private final Prediction prediction;
  private final double eta;
  private final Clip clip;
  private final Step[] steps;
  private final Buffers buffers = new Buffers(2);

  /** One step from t to s; {@code c1} weighs fresh noise, {@code c2} the predicted noise. */
  private record Step(
      double time, double alphaT, double sigmaT, double alphaS, double c1, double c2) {}

  /**
   * @param timesteps steps to visit, ascending: {@link Timesteps#uniform}, {@link
   *     Timesteps#quadratic}, {@link Timesteps#even} or {@link Timesteps#strided}
   * @param eta share of the ancestral noise, in [0, 1]
   */
  public DdimSampler(
      NoiseSchedule schedule, Prediction prediction, int[] timesteps, double eta, Clip clip) {
    if (!(eta >= 0 && eta <= 1)) {
      throw new IllegalArgumentException("eta must be in [0, 1], but is " + eta);
    }
    this.schedule = schedule;
    this.prediction = prediction;
    this.eta = eta;
    this.clip = clip;
    int[] visited = Timesteps.checked(schedule.steps(), timesteps);
    steps = new Step[visited.length];
    for (int i = 0; i < steps.length; i++) {
      int t = visited[steps.length - 1 - i];
      int s = i == steps.length - 1 ? -1 : visited[steps.length - 2 - i];
      steps[i] = step(t, s);
    }
  }

  private Step step(int t, int s) {
    // sigma_tau(eta), equation 16: eta times the posterior's standard deviation
    double c1 = eta * Math.sqrt(schedule.posterior(t, s).variance());
    double sigmaS = schedule.sigma(s);
    double c2 = Math.sqrt(Math.max(0, sigmaS * sigmaS - c1 * c1));
    return new Step(
        schedule.networkTime(t), schedule.alpha(t), schedule.sigma(t), schedule.alpha(s), c1, c2);
  }

  @Override
  public INDArray sample(Denoiser model, INDArray noise, StepNoise stepNoise) {
    INDArray x = Buffers.initial(noise, 1);
    INDArray[] arrays = buffers.like(x);
    INDArray x0 = arrays[0];
    INDArray epsilon = arrays[1];
    for (int i = 0; i < steps.length; i++) {
      Step step = steps[i];
      INDArray output = Buffers.evaluate(model, x, step.time);
      prediction.toX0(step.alphaT, step.sigmaT, x, output, x0);
      prediction.toEpsilon(step.alphaT, step.sigmaT, x, output, epsilon);
      if (clip != Clip.NONE) {
        Buffers.clip(x0);
      }
      if (clip == Clip.X0_AND_EPSILON) {
        Prediction.X0.toEpsilon(step.alphaT, step.sigmaT, x, x0, epsilon);
      }
      // equation 12
      InPlace.combine(step.alphaS, x0, step.c2, epsilon, x);
      if (step.c1 > 0) {
        InPlace.add(x, step.c1, stepNoise.gaussian(i));
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
        "DDIM(%s, %s, %d steps, eta %s%s)",
        schedule,
        prediction.configName(),
        steps.length,
        eta,
        clip == Clip.NONE ? "" : ", clip " + clip);
  }
}
