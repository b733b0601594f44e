package org.lcsc.objective;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Random numbers as a function of (seed, stream, sample index) alone. A sampler that needs several
 * draws per sample (an ancestral sampler needs one per step) uses one stream per draw.
 */
public interface NoiseSource {

  /** The seed. */
  long seed();

  /**
   * Standard Gaussian noise.
   *
   * @param stream which of the independent draws, at least 0
   * @param first index of the first sample
   * @param count number of samples
   * @param shape shape of one sample, for example {@code C, H, W}
   * @return {@code [count, shape...]} float, freshly allocated
   */
  INDArray gaussian(int stream, long first, int count, long... shape);

  /** Uniform integers in {@code [0, bound)}, one per sample: class labels. */
  int[] uniformInts(int stream, long first, int count, int bound);
}
