package org.lcsc.diffusion.sampler;

import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.config.YamlNames;
import org.lcsc.diffusion.engine.SamplingEngine;
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
public final class DdpmSampler extends ChainSampler {

  /** Variance of the reverse step. */
  public enum Variance {
    /** beta, the upper bound. */
    FIXED_LARGE,
    /** betaTilde, the posterior variance, the lower bound. */
    FIXED_SMALL
  }

  /**
   * Settings.
   *
   * @param steps visited steps of the chain, at least 2 where it is longer than 1; default: all
   * @param spacing where they lie, not {@link Timesteps.Spacing#QUADRATIC}; default {@link
   *     Timesteps.Spacing#EVEN}
   * @param clip whether the predicted clean image is clipped to [-1, 1]; default true
   * @param variance of the noise of each step: its largest or smallest sensible value; default
   *     {@link Variance#FIXED_LARGE}
   * @param batchSize samples per network call, at least 1; it does not change the samples; default
   *     128
   * @param engine what computes the network's outputs; default null: Deeplearning4j
   */
  @Kind("ddpm")
  public record Settings(
      @OptionalKey Integer steps,
      Timesteps.Spacing spacing,
      boolean clip,
      Variance variance,
      int batchSize,
      @OptionalKey SamplingEngine engine)
      implements SamplerSettings.OfChain {

    public Settings() {
      this(null);
    }

    /** The defaults but for the steps, null for all. */
    public Settings(Integer steps) {
      this(steps, Timesteps.Spacing.EVEN, true, Variance.FIXED_LARGE, DEFAULT_BATCH, null);
    }

    public Settings {
      Require.atLeast("steps", steps, 1);
      Require.not(
          spacing == Timesteps.Spacing.QUADRATIC,
          "spacing",
          "not for kind: ddpm (quadratic), allowed: even, uniform, strided");
      Require.between("batchSize", batchSize, 1, SamplerSettings.MOST_BATCH);
    }

    @Override
    public Sampler ofChain(SampledModel.Chain chain) {
      int length = chain.schedule().steps();
      return new DdpmSampler(
          chain.schedule(),
          chain.prediction(),
          steps == null ? Timesteps.all(length) : spacing.visited(kind(), length, steps),
          variance,
          clip);
    }

    @Override
    public boolean isDifferentiable() {
      return !clip;
    }
  }

  private final Variance variance;
  private final boolean clip;

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
    super(schedule, prediction, timesteps, 1, (t, s) -> step(schedule, variance, t, s));
    this.variance = variance;
    this.clip = clip;
  }

  /** {@code first} weighs x_t, {@code second} weighs x_0. */
  private static Step step(NoiseSchedule schedule, Variance variance, int t, int s) {
    Posterior posterior = schedule.posterior(t, s);
    double noise = variance == Variance.FIXED_LARGE ? posterior.beta() : posterior.variance();
    return new Step(
        schedule.networkTime(t),
        schedule.alpha(t),
        schedule.sigma(t),
        posterior.xtWeight(),
        posterior.x0Weight(),
        s == -1 ? 0 : Math.sqrt(noise));
  }

  @Override
  void update(Step step, INDArray x, INDArray output) {
    INDArray x0 = buffers.like(x)[0];
    prediction.toX0(step.alpha(), step.sigma(), x, output, x0);
    if (clip) {
      Buffers.clip(x0);
    }
    // mu(x_t, x_0), equation 7
    InPlace.combine(step.first(), x, step.second(), x0, x);
  }

  @Override
  public String toString() {
    return text("DDPM", YamlNames.of(variance) + (clip ? ", clip" : ""));
  }
}
