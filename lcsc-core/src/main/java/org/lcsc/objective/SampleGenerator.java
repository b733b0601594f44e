package org.lcsc.objective;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Turns parameters into images: a sampler bound to an evaluation network of its own. Not
 * thread-safe.
 */
public interface SampleGenerator {

  /**
   * Sets the flat parameters {@code [P]} that the following calls of {@link #sample} use; they are
   * copied. A generator that knows R {@link TimeRanges} takes {@code [R * P]} as well, those of the
   * least noise first.
   */
  void setParameters(INDArray parameters);

  /**
   * Draws the samples of index {@code first} to {@code first + count - 1}. Sample i depends on the
   * parameters, the noise seed and i alone, so that it does not change with the batch size.
   *
   * @param noise the noise
   * @param first index of the first sample, at least 0
   * @param count number of samples, at least 1
   * @return {@code [count, C, H, W]} float, nominally in [-1, 1]; {@link ImageSamples} clips
   */
  INDArray sample(NoiseSource noise, long first, int count);
}
