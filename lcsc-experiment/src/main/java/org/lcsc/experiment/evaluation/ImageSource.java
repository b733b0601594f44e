package org.lcsc.experiment.evaluation;

import java.io.IOException;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.commons.io.function.IOSupplier;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.metrics.NumpyImages;
import org.lcsc.objective.DifferentiableSampleGenerator;
import org.lcsc.objective.ImageSamples;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Images that come in batches and are not kept.
 *
 * @param size number of images, at least 2
 * @param opened reads them, from the first on
 */
public record ImageSource(int size, IOSupplier<Iterator<INDArray>> opened) {

  /** Images per batch where the source does not say otherwise. */
  private static final int BATCH = 500;

  /** How often a folder is gone through. */
  private static final int PASSES = 100;

  /**
   * The images, from the first on.
   *
   * @return arrays {@code [n, C, H, W]} float, nominally in [-1, 1], {@link #size} images together
   * @throws IOException where they cannot be read
   */
  public Iterator<INDArray> batches() throws IOException {
    return opened.get();
  }

  /**
   * Samples of a model, as they are read back from a file of 8 bits.
   *
   * @param generator its sampler
   * @param parameters {@code [P]}
   * @param seed of the noise
   * @param samples number of samples
   * @param batch samples per pass
   */
  public static ImageSource ofModel(
      DifferentiableSampleGenerator generator,
      INDArray parameters,
      long seed,
      int samples,
      int batch) {
    return new ImageSource(
        samples,
        () -> {
          SampleGenerator files = ImageSamples.eightBit(generator);
          files.setParameters(parameters);
          NoiseSource noise = new SeededNoise(seed);
          return IntStream.range(0, (samples + batch - 1) / batch)
              .mapToObj(
                  b -> files.sample(noise, (long) b * batch, Math.min(batch, samples - b * batch)))
              .iterator();
        });
  }

  /**
   * Real images, evenly spread over a set: one sorted by class gives all classes their share.
   *
   * @param limit most images
   * @throws InvalidInputException where there are fewer than 2
   */
  public static ImageSource ofDataSet(String name, ImageDataSet images, int limit) {
    return ofDataSet(name, images, limit, 1);
  }

  /**
   * Images of a folder, which are sorted by its directories: in {@value #PASSES} passes, so that
   * each split of a score has its share of every directory.
   *
   * @param limit most images
   * @throws InvalidInputException where there are fewer than 2
   */
  public static ImageSource ofFolder(String name, ImageDataSet images, int limit) {
    return ofDataSet(name, images, limit, PASSES);
  }

  private static ImageSource ofDataSet(String name, ImageDataSet images, int limit, int passes) {
    int count = Math.min(limit, images.size());
    requireTwo(name, count);
    int[] order =
        IntStream.range(0, passes)
            .flatMap(r -> IntStream.iterate(r, i -> i < count, i -> i + passes))
            .toArray();
    return new ImageSource(
        count,
        () ->
            IntStream.range(0, (count + BATCH - 1) / BATCH)
                .mapToObj(
                    b ->
                        IntStream.range(b * BATCH, Math.min(count, (b + 1) * BATCH))
                            .map(i -> (int) ((long) order[i] * images.size() / count))
                            .toArray())
                .map(images::batch)
                .iterator());
  }

  /**
   * Images of a NumPy archive, the first ones.
   *
   * @param limit most images
   * @throws InvalidInputException where there are fewer than 2
   */
  public static ImageSource ofNumpy(String name, NumpyImages images, int limit) {
    int count = Math.min(limit, images.size());
    requireTwo(name, count);
    return new ImageSource(count, () -> images.batches(count, BATCH));
  }

  private static void requireTwo(String name, int count) {
    InvalidInputException.when(
        count < 2, "%s: too few images (%s), allowed: 2 or more", name, count);
  }
}
