package org.lcsc.diffusion.sampler;

import java.util.Arrays;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.diffusion.engine.SamplingEngine;
import org.lcsc.diffusion.schedule.InPlace;
import org.lcsc.diffusion.schedule.KarrasSigmas;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Heun's second-order method for the probability flow ODE {@code dx/dsigma = (x - D(x; sigma)) /
 * sigma}, with optional churn (Karras et al. 2022, arXiv:2206.00364, Algorithms 1 and 2). The model
 * is a denoiser: its {@link Denoiser#predict} returns {@code D(x; sigma)}, the mean of the data
 * given {@code x = x_0 + sigma eps}, and its time is sigma. {@link Settings} samples
 * variance-preserving networks and velocity fields of flow matching too.
 *
 * <p>Not thread-safe.
 */
public final class HeunSampler implements Sampler {

  /**
   * Noise added before each step whose sigma lies in [min, max], which makes sampling stochastic.
   *
   * @param amount S_churn, at least 0; 0 is deterministic
   * @param min S_min
   * @param max S_max
   * @param noise S_noise, standard deviation of the added noise, above 0
   */
  public record Churn(double amount, double min, double max, double noise) {

    /** No churn. */
    public static final Churn NONE = new Churn(0, 0, Double.POSITIVE_INFINITY, 1);

    public Churn {
      if (!(amount >= 0 && min >= 0 && max >= min && noise > 0)) {
        throw new IllegalArgumentException(
            Text.format(
                "churn needs amount >= 0, 0 <= min <= max and noise > 0, but amount is %s, min %s,"
                    + " max %s, noise %s",
                amount, min, max, noise));
      }
    }
  }

  /**
   * Settings.
   *
   * @param steps noise levels N of 2N - 1 evaluations, at least 2; default 18
   * @param churn S_churn, at least 0; default 0
   * @param batchSize samples per network call, at least 1; it does not change the samples; default
   *     128
   * @param engine what computes the network's outputs; default null: Deeplearning4j
   */
  @Kind("heun")
  public record Settings(int steps, double churn, int batchSize, @OptionalKey SamplingEngine engine)
      implements SamplerSettings {

    public Settings() {
      this(18);
    }

    /** The defaults but for the steps. */
    public Settings(int steps) {
      this(steps, 0, DEFAULT_BATCH, null);
    }

    public Settings {
      Require.between("steps", steps, 2, SamplerSettings.MAX_STEPS);
      Require.notNegative("churn", churn);
      Require.between("batchSize", batchSize, 1, SamplerSettings.MOST_BATCH);
    }

    @Override
    public boolean fits(SampledModel model) {
      return model instanceof SampledModel.Chain
          || model instanceof SampledModel.SigmaDenoiser
          || model instanceof SampledModel.Flow;
    }

    @Override
    public Sampler of(SampledModel model) {
      Churn everywhere = new Churn(churn, 0, Double.POSITIVE_INFINITY, 1);
      if (model instanceof SampledModel.Chain chain) {
        return ConvertedHeunSampler.ofChain(
            chain.schedule(), chain.prediction(), steps, everywhere);
      }
      return model instanceof SampledModel.Flow flow
          ? ConvertedHeunSampler.ofFlow(flow.timeScale(), steps, everywhere)
          : new HeunSampler(KarrasSigmas.edm(steps), everywhere);
    }
  }

  private final double[] sigmas;
  private final Churn churn;
  private final Buffers buffers = new Buffers(3);

  /**
   * @param sigmas noise levels, descending and positive, for example {@link KarrasSigmas#edm}; a
   *     last step leads to 0
   */
  public HeunSampler(double[] sigmas, Churn churn) {
    this.sigmas = Arrays.copyOf(sigmas, sigmas.length + 1);
    this.churn = churn;
    for (int i = 0; i < sigmas.length; i++) {
      if (!(this.sigmas[i] > this.sigmas[i + 1])) {
        throw new IllegalArgumentException(
            "sigmas must be positive and descend, but are " + Arrays.toString(sigmas));
      }
    }
    if (sigmas.length == 0 || Double.isInfinite(sigmas[0])) {
      throw new IllegalArgumentException(
          "sigmas must be finite and at least one, but are " + Arrays.toString(sigmas));
    }
  }

  @Override
  public INDArray sample(Denoiser model, INDArray noise, StepNoise stepNoise) {
    INDArray x = Buffers.initial(noise, sigmas[0]);
    INDArray[] arrays = buffers.like(x);
    INDArray slope = arrays[0];
    INDArray euler = arrays[1];
    INDArray slopeAtEuler = arrays[2];
    int n = sigmas.length - 1;
    for (int i = 0; i < n; i++) {
      double sigma = sigmas[i];
      double next = sigmas[i + 1];
      double gamma = gamma(sigma);
      if (gamma > 0) {
        double raised = sigma * (1 + gamma);
        double added = churn.noise() * Math.sqrt(raised * raised - sigma * sigma);
        InPlace.add(x, added, stepNoise.gaussian(i));
        sigma = raised;
      }
      derivative(model, x, sigma, slope);
      if (next == 0) {
        InPlace.add(x, next - sigma, slope);
        continue;
      }
      InPlace.combine(1, x, next - sigma, slope, euler);
      derivative(model, euler, next, slopeAtEuler);
      InPlace.add(x, (next - sigma) / 2, slope);
      InPlace.add(x, (next - sigma) / 2, slopeAtEuler);
    }
    return x;
  }

  private double gamma(double sigma) {
    boolean inRange = churn.min() <= sigma && sigma <= churn.max();
    return inRange ? Math.min(churn.amount() / (sigmas.length - 1), Math.sqrt(2) - 1) : 0;
  }

  /** {@code d = (x - D(x; sigma)) / sigma}. */
  private static void derivative(Denoiser model, INDArray x, double sigma, INDArray d) {
    INDArray denoised = Buffers.evaluate(model, x, sigma);
    InPlace.combine(1 / sigma, x, -1 / sigma, denoised, d);
  }

  @Override
  public int evaluations() {
    return 2 * (sigmas.length - 1) - 1;
  }

  @Override
  public String toString() {
    return Text.format(
        "Heun(%d steps, sigma %.4g to %.4g%s)",
        sigmas.length - 1,
        sigmas[0],
        sigmas[sigmas.length - 2],
        churn.amount() > 0 ? ", " + churn : "");
  }
}
