package org.lcsc.diffusion.sampler;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A numerical method that turns noise into images by evaluating a network. Its coefficients are
 * computed once, in double precision; it keeps its working arrays from one call to the next. A
 * sampler is therefore not thread-safe; its results do not depend on what it sampled before. {@code
 * toString} shows its configuration.
 */
public interface Sampler {

  /**
   * Samples a batch.
   *
   * @param model the network
   * @param noise standard Gaussian noise {@code [N, C, H, W]}, float or double; not modified
   * @param stepNoise noise added on the way, asked at most once per step; a deterministic sampler
   *     never asks, so {@link StepNoise#NONE} does
   * @return images of the shape and type of {@code noise}, not clipped; a new array outside any
   *     workspace
   * @throws IllegalArgumentException if {@code noise} is neither float nor double
   * @throws IllegalStateException if the model returns another shape than it was given
   */
  INDArray sample(Denoiser model, INDArray noise, StepNoise stepNoise);

  /** Network evaluations per call of {@link #sample} (NFE). */
  int evaluations();

  /**
   * The noise level sigma, beside an image of scale 1, of an evaluation at a time: that time, where
   * a denoiser is sampled; of a variance-preserving network its noise rate over its signal rate.
   * Ascending in the time; infinite where x is nothing but noise.
   *
   * @param time as {@link Denoiser#predict} is given it
   */
  default double noiseLevel(double time) {
    return time;
  }

  /** The noise level of every evaluation, in their order: what the sampler itself asks for. */
  default double[] noiseLevels() {
    List<Double> levels = new ArrayList<>();
    INDArray zero = Nd4j.zeros(DataType.DOUBLE, 1, 1, 1, 1);
    sample(
        (x, time) -> {
          levels.add(noiseLevel(time));
          return Nd4j.zeros(DataType.DOUBLE, 1, 1, 1, 1);
        },
        zero,
        step -> zero);
    return levels.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
