package org.lcsc.objective;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A sampler with a gradient from its images back to the parameters. Not thread-safe. */
public interface DifferentiableSampleGenerator extends SampleGenerator {

  /**
   * Draws the samples of {@link #sample}, to the bit, and keeps what it takes to differentiate
   * them: the states at which the network was evaluated, not the network's activations.
   *
   * @param noise the noise
   * @param first index of the first sample, at least 0
   * @param count number of samples, at least 1
   */
  Recording record(NoiseSource noise, long first, int count);

  /** Bytes that a {@link Recording} keeps per sample. */
  long recordedBytesPerSample();

  /** Samples with the states that led to them, of the parameters set when they were drawn. */
  interface Recording extends AutoCloseable {

    /** The samples, {@code [count, C, H, W]}. */
    INDArray images();

    /**
     * Carries a gradient from the images back to the parameters: runs the network at every state
     * again, forward and backward, from the last to the first. To be called once, while the
     * parameters are still those of the recording.
     *
     * @param epsilon gradient with respect to the images
     * @param gradient the gradient with respect to the parameters, {@code [P]}, is added to it
     */
    void backpropagate(INDArray epsilon, INDArray gradient);

    /** Frees the states; more than once does nothing. */
    @Override
    void close();
  }
}
