package org.lcsc.diffusion.features;

import java.util.Arrays;
import java.util.Random;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.ShuffledIndices;
import org.lcsc.image.ImageShape;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Batches of shifted images with smoothed one-hot labels, a pure function of (seed, iteration). Not
 * thread-safe.
 */
final class ShiftedBatches {

  /** Images and labels of an iteration. */
  record Batch(INDArray images, INDArray labels) {}

  private final ImageDataSet images;
  private final ShuffledIndices order;
  private final int batchSize;
  private final int shift;
  private final float smoothing;
  private final long seed;

  /** Batches of a labelled set. */
  ShiftedBatches(ImageDataSet images, FeatureTrainingConfig config) {
    this.images = images;
    this.batchSize = config.batchSize();
    this.shift = config.shift();
    this.smoothing = (float) config.labelSmoothing();
    this.seed = config.seed();
    this.order = new ShuffledIndices(seed, images.size(), batchSize);
  }

  /** The batch of an iteration, from 0, in new arrays. */
  Batch batch(int iteration) {
    int[] indices = order.batch(iteration);
    ImageShape shape = images.shape();
    float[] pixels = new float[batchSize * shape.length()];
    images.read(indices, null, pixels);
    // The constant spreads successive iterations over the generator's seeds.
    Random random = new Random(seed + 0x9e3779b97f4a7c15L * (iteration + 1L));
    float[] shifted = new float[pixels.length];
    for (int i = 0; i < batchSize; i++) {
      int down = random.nextInt(2 * shift + 1) - shift;
      int right = random.nextInt(2 * shift + 1) - shift;
      shift(pixels, shifted, i * shape.length(), shape, down, right);
    }
    float[] labels = new float[batchSize * images.classes()];
    Arrays.fill(labels, smoothing / images.classes());
    for (int i = 0; i < batchSize; i++) {
      labels[i * images.classes() + images.label(indices[i])] += 1 - smoothing;
    }
    return new Batch(
        Nd4j.createFromArray(shifted)
            .reshape(batchSize, shape.channels(), shape.height(), shape.width()),
        Nd4j.createFromArray(labels).reshape(batchSize, images.classes()));
  }

  /** Moves one image; what comes in from outside repeats the border. */
  private static void shift(
      float[] from, float[] to, int first, ImageShape shape, int down, int right) {
    int height = shape.height();
    int width = shape.width();
    int target = first;
    for (int channel = 0; channel < shape.channels(); channel++) {
      int plane = first + channel * height * width;
      for (int y = 0; y < height; y++) {
        int row = plane + width * Math.max(0, Math.min(height - 1, y - down));
        for (int x = 0; x < width; x++) {
          to[target++] = from[row + Math.max(0, Math.min(width - 1, x - right))];
        }
      }
    }
  }
}
