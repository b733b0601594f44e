package org.lcsc.consistency;

import java.util.Arrays;
import java.util.List;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.diffusion.engine.SamplingEngine;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.sampler.Buffers;
import org.lcsc.diffusion.sampler.Denoiser;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.sampler.Sampler;
import org.lcsc.diffusion.sampler.SamplerSettings;
import org.lcsc.diffusion.sampler.StepNoise;
import org.lcsc.diffusion.schedule.InPlace;
import org.lcsc.diffusion.schedule.KarrasSigmas;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sampling of a consistency model (Song et al. 2023, arXiv:2303.01469, Algorithm 1): one evaluation
 * at the largest noise level; with more levels, noise is added to the result and removed again, at
 * each level in turn. The model's {@link Denoiser#predict} returns {@code f(x, sigma)}, its time
 * being sigma.
 *
 * <p>Not thread-safe.
 */
public final class ConsistencySampler implements Sampler {

  /** A consistency function of images and their noise level. */
  public record ConsistencyFunction() implements SampledModel {}

  /**
   * Settings.
   *
   * @param sigmas noise levels of the evaluations after the first, descending, between 0.002 and
   *     80; default none: one step
   * @param clip whether the result of every evaluation is clipped to [-1, 1]; default true
   * @param batchSize samples per network call, at least 1; it does not change the samples; default
   *     128
   * @param engine what computes the network's outputs; default null: Deeplearning4j
   */
  @Kind("consistency")
  public record Settings(
      List<Double> sigmas, boolean clip, int batchSize, @OptionalKey SamplingEngine engine)
      implements SamplerSettings {

    public Settings() {
      this(List.of(), true, DEFAULT_BATCH, null);
    }

    public Settings {
      sigmas = List.copyOf(sigmas);
      double above = KarrasSigmas.SIGMA_MAX;
      for (int i = 0; i < sigmas.size(); i++) {
        Require.inside("sigmas[" + i + "]", sigmas.get(i), Preconditioning.EPSILON, above);
        above = sigmas.get(i);
      }
      Require.between("batchSize", batchSize, 1, SamplerSettings.MOST_BATCH);
    }

    @Override
    public boolean fits(SampledModel model) {
      return model instanceof ConsistencyFunction;
    }

    @Override
    public Sampler of(SampledModel model) {
      ConsistencySampler sampler =
          multistep(sigmas.stream().mapToDouble(Double::doubleValue).toArray());
      return clip ? sampler.clipped() : sampler;
    }

    /** The same with other noise levels after the first. */
    public Settings withSigmas(List<Double> others) {
      return new Settings(others, clip, batchSize, engine);
    }
  }

  private final double[] sigmas;
  private final boolean clip;

  private ConsistencySampler(double[] sigmas, boolean clip) {
    this.sigmas = sigmas;
    this.clip = clip;
  }

  /**
   * The same sampler, which clips the result of every evaluation to [-1, 1], as the authors' code
   * does.
   */
  public ConsistencySampler clipped() {
    return new ConsistencySampler(sigmas, true);
  }

  /**
   * One step from sigma = 80, and one more from each of some lower levels.
   *
   * @param middle noise levels, descending, in (0.002, 80); the published two-step sampler of
   *     CIFAR-10 has 1.088
   * @throws IllegalArgumentException where they are not
   */
  public static ConsistencySampler multistep(double... middle) {
    double[] sigmas = new double[middle.length + 1];
    sigmas[0] = KarrasSigmas.SIGMA_MAX;
    for (int i = 0; i < middle.length; i++) {
      if (!(middle[i] < sigmas[i] && middle[i] > Preconditioning.EPSILON)) {
        throw new IllegalArgumentException(
            Text.format(
                "sigmas: expected descending numbers between %s and %s, got %s",
                Preconditioning.EPSILON, KarrasSigmas.SIGMA_MAX, middle));
      }
      sigmas[i + 1] = middle[i];
    }
    return new ConsistencySampler(sigmas, false);
  }

  /** Standard deviation of the noise that is added before evaluation {@code step}, from 0. */
  public double added(int step) {
    double sigma = sigmas[step];
    return step == 0
        ? sigma
        : Math.sqrt(sigma * sigma - Preconditioning.EPSILON * Preconditioning.EPSILON);
  }

  @Override
  public INDArray sample(Denoiser model, INDArray noise, StepNoise stepNoise) {
    INDArray x = Buffers.initial(noise, added(0));
    for (int i = 0; i < sigmas.length; i++) {
      if (i > 0) {
        InPlace.add(x, added(i), stepNoise.gaussian(i));
      }
      x.assign(Buffers.evaluate(model, x, sigmas[i]));
      if (clip) {
        Buffers.clip(x);
      }
    }
    return x;
  }

  @Override
  public int evaluations() {
    return sigmas.length;
  }

  @Override
  public String toString() {
    return Text.format(
        "Consistency(%d steps, sigma %s)",
        sigmas.length,
        String.join(", ", Arrays.stream(sigmas).mapToObj(s -> Text.format("%.4g", s)).toList()));
  }
}
