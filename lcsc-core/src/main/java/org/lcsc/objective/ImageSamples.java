package org.lcsc.objective;

import org.lcsc.image.PixelValues;
import org.lcsc.io.HostArrays;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A generator's samples as the images that a user gets, so that scores are of what is seen: clipped
 * to [-1, 1], or as they are read back from a file of 8 bits. What is not finite stays, so that a
 * model that gives it is known.
 *
 * <p>The gradient passes where a sample lies within [-1, 1], and is 0 elsewhere; rounding to 8 bits
 * has none of its own and lets it pass. As thread-safe as the generator.
 *
 * @param generator gives the samples
 * @param eightBit whether they are rounded as in a file of 8 bits, not only clipped
 * @param before runs before each batch, forward and backward; what it throws ends the evaluation
 */
public record ImageSamples(
    DifferentiableSampleGenerator generator, boolean eightBit, Runnable before)
    implements DifferentiableSampleGenerator {

  /**
   * Samples clipped to [-1, 1], with an action before each batch, forward and backward.
   *
   * @param before what it throws ends the evaluation that the batch is of
   */
  public static ImageSamples clipped(DifferentiableSampleGenerator generator, Runnable before) {
    return new ImageSamples(generator, false, before);
  }

  /**
   * Samples as they are read back from a file of 8 bits, with its values of {@code v/127.5 - 1}.
   */
  public static ImageSamples eightBit(DifferentiableSampleGenerator generator) {
    return new ImageSamples(generator, true, () -> {});
  }

  @Override
  public void setParameters(INDArray parameters) {
    generator.setParameters(parameters);
  }

  @Override
  public INDArray sample(NoiseSource noise, long first, int count) {
    before.run();
    INDArray images = generator.sample(noise, first, count);
    convert(images);
    return images;
  }

  @Override
  public long recordedBytesPerSample() {
    return generator.recordedBytesPerSample();
  }

  @Override
  public Recording record(NoiseSource noise, long first, int count) {
    before.run();
    Recording recording = generator.record(noise, first, count);
    boolean[] outside = convert(recording.images());
    return new Recording() {
      @Override
      public INDArray images() {
        return recording.images();
      }

      @Override
      public void backpropagate(INDArray epsilon, INDArray gradient) {
        before.run();
        float[] passing = new float[outside.length];
        for (int i = 0; i < passing.length; i++) {
          passing[i] = outside[i] ? 0 : 1;
        }
        try (INDArray mask = Nd4j.create(passing, epsilon.shape(), 'c');
            INDArray passed = epsilon.mul(mask)) {
          recording.backpropagate(passed, gradient);
        }
      }

      @Override
      public void close() {
        recording.close();
      }
    };
  }

  /** Converts in place, and says which values were outside [-1, 1]. */
  private boolean[] convert(INDArray images) {
    float[] values = HostArrays.floats(images);
    boolean[] outside = new boolean[values.length];
    for (int i = 0; i < values.length; i++) {
      float value = values[i];
      outside[i] = !(Math.abs(value) <= 1);
      if (Float.isFinite(value)) {
        values[i] = eightBit ? PixelValues.throughFile(value) : Math.max(-1, Math.min(1, value));
      }
    }
    try (MemoryWorkspace outer = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        INDArray converted = Nd4j.create(values, images.shape(), 'c')) {
      images.assign(converted);
    }
    return outside;
  }
}
