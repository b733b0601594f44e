package org.lcsc.diffusion.sampler;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The deterministic inputs of diffusers, tests/schedulers/test_schedulers.py. */
final class DiffusersFixture {

  /** {@code model(x, t) = x t / (t + 1)}, taken as predicted noise. */
  static final Denoiser MODEL = (x, t) -> x.mul(t / (t + 1));

  private DiffusersFixture() {}

  /** {@code arange(768).reshape(3, 8, 8, 4) / 768}, permuted to [4, 3, 8, 8]. */
  static INDArray sample() {
    return permuted(IntStream.range(0, 768));
  }

  /** The same with the numbers reversed. */
  static INDArray noise() {
    return permuted(IntStream.range(0, 768).map(i -> 767 - i));
  }

  private static INDArray permuted(IntStream values) {
    return Nd4j.createFromArray(values.mapToDouble(i -> i / 768.0).toArray())
        .reshape(3, 8, 8, 4)
        .permute(3, 0, 1, 2);
  }
}
