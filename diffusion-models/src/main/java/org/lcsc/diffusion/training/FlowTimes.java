package org.lcsc.diffusion.training;

import java.util.Arrays;
import java.util.function.Supplier;
import org.lcsc.config.Kind;
import org.lcsc.config.Part;
import org.lcsc.config.Require;

/** How flow matching draws the times it trains at: key {@code model.times} of a configuration. */
public interface FlowTimes extends Part {

  /**
   * Times in [0, 1], one per image of a batch.
   *
   * @param uniforms gives as many independent numbers, uniform in (0, 1)
   * @param gaussians gives as many independent standard Gaussian numbers
   */
  double[] draw(Supplier<double[]> uniforms, Supplier<double[]> gaussians);

  /** All times alike. */
  @Kind("uniform")
  record Uniform() implements FlowTimes {
    @Override
    public double[] draw(Supplier<double[]> uniforms, Supplier<double[]> gaussians) {
      return uniforms.get();
    }
  }

  /**
   * {@code ln(t / (1 - t))}, which is the logarithm of the noise level, is Gaussian (Esser et al.
   * 2024, arXiv:2403.03206, section 3.1).
   *
   * @param mean above 0 for more noise, below 0 for less; default 0
   * @param deviation standard deviation, above 0; default 1
   */
  @Kind("logit-normal")
  record LogitNormal(double mean, double deviation) implements FlowTimes {

    public LogitNormal() {
      this(0, 1);
    }

    public LogitNormal {
      Require.not(!Double.isFinite(mean), "mean", "not finite (%s), allowed: any number", mean);
      Require.positive("deviation", deviation);
    }

    @Override
    public double[] draw(Supplier<double[]> uniforms, Supplier<double[]> gaussians) {
      return Arrays.stream(gaussians.get())
          .map(z -> 1 / (1 + Math.exp(-(mean + deviation * z))))
          .toArray();
    }
  }
}
