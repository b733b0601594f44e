package org.lcsc.diffusion.sampler;

import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.diffusion.engine.SamplingEngine;
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
public final class DdimSampler extends ChainSampler {

  /**
   * Settings.
   *
   * @param steps visited steps of the chain, at least 2 where it is longer than 1; default 50
   * @param spacing where they lie; default {@link Timesteps.Spacing#UNIFORM}
   * @param eta share of the ancestral noise, 0 to 1; default 0
   * @param clip whether the predicted clean image is clipped to [-1, 1] and the noise derived from
   *     it anew; default false
   * @param batchSize samples per network call, at least 1; it does not change the samples; default
   *     128
   * @param engine what computes the network's outputs; default null: Deeplearning4j
   */
  @Kind("ddim")
  public record Settings(
      int steps,
      Timesteps.Spacing spacing,
      double eta,
      boolean clip,
      int batchSize,
      @OptionalKey SamplingEngine engine)
      implements SamplerSettings.OfChain {

    public Settings() {
      this(50);
    }

    /** The defaults but for the steps. */
    public Settings(int steps) {
      this(steps, Timesteps.Spacing.UNIFORM, 0, false, DEFAULT_BATCH, null);
    }

    public Settings {
      Require.atLeast("steps", steps, 1);
      Require.between("eta", eta, 0, 1);
      Require.between("batchSize", batchSize, 1, SamplerSettings.MOST_BATCH);
    }

    @Override
    public Sampler ofChain(SampledModel.Chain chain) {
      return new DdimSampler(
          chain.schedule(),
          chain.prediction(),
          spacing.visited(kind(), chain.schedule().steps(), steps),
          eta,
          clip);
    }

    @Override
    public boolean isDifferentiable() {
      return !clip;
    }
  }

  private final double eta;
  private final boolean clip;

  /**
   * @param timesteps steps to visit, ascending: {@link Timesteps#uniform}, {@link
   *     Timesteps#quadratic}, {@link Timesteps#even} or {@link Timesteps#strided}
   * @param eta share of the ancestral noise, in [0, 1]
   * @param clip whether the predicted x_0 is clipped to [-1, 1] and the noise derived from it anew,
   *     as in iDDPM
   */
  public DdimSampler(
      NoiseSchedule schedule, Prediction prediction, int[] timesteps, double eta, boolean clip) {
    super(schedule, prediction, timesteps, 2, (t, s) -> step(schedule, eta, t, s));
    Require.between("eta", eta, 0, 1);
    this.eta = eta;
    this.clip = clip;
  }

  /** {@code first} weighs x_0, {@code second} the predicted noise. */
  private static Step step(NoiseSchedule schedule, double eta, int t, int s) {
    // sigma_tau(eta), equation 16: eta times the posterior's standard deviation
    double c1 = eta * Math.sqrt(schedule.posterior(t, s).variance());
    double sigmaS = schedule.sigma(s);
    double c2 = Math.sqrt(Math.max(0, sigmaS * sigmaS - c1 * c1));
    return new Step(
        schedule.networkTime(t), schedule.alpha(t), schedule.sigma(t), schedule.alpha(s), c2, c1);
  }

  @Override
  void update(Step step, INDArray x, INDArray output) {
    INDArray[] arrays = buffers.like(x);
    INDArray x0 = arrays[0];
    INDArray epsilon = arrays[1];
    prediction.toX0(step.alpha(), step.sigma(), x, output, x0);
    prediction.toEpsilon(step.alpha(), step.sigma(), x, output, epsilon);
    if (clip) {
      Buffers.clip(x0);
      Prediction.X0.toEpsilon(step.alpha(), step.sigma(), x, x0, epsilon);
    }
    // equation 12
    InPlace.combine(step.first(), x0, step.second(), epsilon, x);
  }

  @Override
  public String toString() {
    return text("DDIM", "eta " + eta + (clip ? ", clip" : ""));
  }
}
