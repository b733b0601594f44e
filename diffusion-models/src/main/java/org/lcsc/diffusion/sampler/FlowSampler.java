package org.lcsc.diffusion.sampler;

import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.config.YamlNames;
import org.lcsc.diffusion.engine.SamplingEngine;
import org.lcsc.diffusion.schedule.FlowPath;
import org.lcsc.diffusion.schedule.InPlace;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Integrates the ODE {@code dx/dt = v(x, t)} of flow matching from noise at t = 1 to an image at t
 * = 0 by a Runge-Kutta method of first or second order (Lipman et al. 2022, arXiv:2210.02747). The
 * model's {@link Denoiser#predict} returns the velocity; its time is t times {@link
 * SampledModel.Flow#timeScale}.
 *
 * <p>Not thread-safe.
 */
public final class FlowSampler implements Sampler {

  /** Runge-Kutta methods. */
  public enum Method {
    /** First order, one evaluation per step. */
    EULER(1),
    /** Second order, with the velocity in the middle of the step: two evaluations. */
    MIDPOINT(2),
    /** Second order, with the mean of the velocities at both ends: two evaluations. */
    HEUN(2);

    private final int stages;

    Method(int stages) {
      this.stages = stages;
    }
  }

  /**
   * Settings.
   *
   * @param method of the integration; default {@link Method#HEUN}
   * @param steps at least 1; of one evaluation each with Euler's method, else of two; default 10
   * @param shift s of {@code s t / (1 + (s - 1) t)}, which times of even distance become: above 1
   *     steps are longer near the image, below 1 near the noise (Esser et al. 2024,
   *     arXiv:2403.03206, equation 23); above 0; default 1
   * @param batchSize samples per network call, at least 1; it does not change the samples; default
   *     128
   * @param engine what computes the network's outputs; default null: Deeplearning4j
   */
  @Kind("flow")
  public record Settings(
      Method method, int steps, double shift, int batchSize, @OptionalKey SamplingEngine engine)
      implements SamplerSettings {

    public Settings() {
      this(Method.HEUN, 10, 1, DEFAULT_BATCH, null);
    }

    public Settings {
      Require.between("steps", steps, 1, SamplerSettings.MAX_STEPS);
      Require.positive("shift", shift);
      Require.between("batchSize", batchSize, 1, SamplerSettings.MOST_BATCH);
    }

    @Override
    public boolean fits(SampledModel model) {
      return model instanceof SampledModel.Flow;
    }

    @Override
    public Sampler of(SampledModel model) {
      return new FlowSampler(method, steps, shift, ((SampledModel.Flow) model).timeScale());
    }
  }

  private final Method method;
  private final double[] times;
  private final double shift;
  private final double timeScale;
  private final Buffers buffers = new Buffers(1);

  /**
   * A sampler.
   *
   * @param steps at least 1
   * @param shift of the times, above 0; 1 for even distances
   * @param timeScale what t is multiplied by for the network, above 0
   */
  public FlowSampler(Method method, int steps, double shift, double timeScale) {
    Refuse.argument(steps < 1, "steps: expected at least 1, got %s", steps);
    Refuse.argument(
        !(shift > 0 && Double.isFinite(shift)), "shift: expected above 0, got %s", shift);
    this.method = method;
    this.shift = shift;
    this.timeScale = timeScale;
    times = new double[steps + 1];
    for (int i = 0; i <= steps; i++) {
      double even = 1 - (double) i / steps;
      times[i] = shift * even / (1 + (shift - 1) * even);
    }
  }

  @Override
  public INDArray sample(Denoiser model, INDArray noise, StepNoise stepNoise) {
    INDArray x = Buffers.initial(noise, 1);
    INDArray ahead = buffers.like(x)[0];
    for (int i = 0; i + 1 < times.length; i++) {
      double t = times[i];
      double h = times[i + 1] - t;
      INDArray v = velocity(model, x, t);
      switch (method) {
        case EULER -> InPlace.add(x, h, v);
        case MIDPOINT -> {
          InPlace.combine(1, x, h / 2, v, ahead);
          InPlace.add(x, h, velocity(model, ahead, t + h / 2));
        }
        case HEUN -> {
          InPlace.combine(1, x, h, v, ahead);
          InPlace.add(x, h / 2, v);
          InPlace.add(x, h / 2, velocity(model, ahead, times[i + 1]));
        }
      }
    }
    return x;
  }

  private INDArray velocity(Denoiser model, INDArray x, double t) {
    return Buffers.evaluate(model, x, t * timeScale);
  }

  /** {@inheritDoc} At the start, where x is nothing but noise, it is infinite. */
  @Override
  public double noiseLevel(double time) {
    return FlowPath.sigma(time / timeScale);
  }

  @Override
  public int evaluations() {
    return method.stages * (times.length - 1);
  }

  @Override
  public String toString() {
    String shifted = shift == 1 ? "" : ", shift " + shift;
    return Text.format("Flow(%s, %d steps%s)", YamlNames.of(method), times.length - 1, shifted);
  }
}
