package org.lcsc.diffusion.features;

import java.util.Arrays;
import java.util.Random;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.ShuffledIndices;
import org.lcsc.image.ImageShape;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Batches of shifted images with smoothed one-hot labels, or of images covered in part with the
 * whole ones as labels; a pure function of (seed, iteration). Not thread-safe.
 */
final class ShiftedBatches {

  /** Squares along a side of an image; each is covered with probability one half. */
  private static final int SQUARES = 4;

  /** Images and labels of an iteration. */
  record Batch(INDArray images, INDArray labels) {}

  private final ImageDataSet images;
  private final ShuffledIndices order;
  private final int batchSize;
  private final int shift;
  private final float smoothing;
  private final long seed;

  private final boolean masked;

  /** Batches of a labelled set, or {@code masked} ones of any. */
  ShiftedBatches(ImageDataSet images, FeatureTrainingConfig config, boolean masked) {
    this.images = images;
    this.masked = masked;
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
    if (masked) {
      float[] covered = shifted.clone();
      cover(covered, shape, random);
      return new Batch(
          images(covered), Nd4j.createFromArray(shifted).reshape(batchSize, shape.length()));
    }
    float[] labels = new float[batchSize * images.classes()];
    Arrays.fill(labels, smoothing / images.classes());
    for (int i = 0; i < batchSize; i++) {
      labels[i * images.classes() + images.label(indices[i])] += 1 - smoothing;
    }
    return new Batch(
        images(shifted), Nd4j.createFromArray(labels).reshape(batchSize, images.classes()));
  }

  private INDArray images(float[] pixels) {
    ImageShape shape = images.shape();
    return Nd4j.createFromArray(pixels)
        .reshape(batchSize, shape.channels(), shape.height(), shape.width());
  }

  /** Sets each square of every image to grey with probability one half. */
  private static void cover(float[] pixels, ImageShape shape, Random random) {
    boolean[] grey = new boolean[SQUARES * SQUARES];
    for (int first = 0; first < pixels.length; first += shape.length()) {
      for (int square = 0; square < grey.length; square++) {
        grey[square] = random.nextBoolean();
      }
      for (int i = 0; i < shape.length(); i++) {
        int row = i / shape.width() % shape.height() * SQUARES / shape.height();
        int column = i % shape.width() * SQUARES / shape.width();
        if (grey[row * SQUARES + column]) {
          pixels[first + i] = 0;
        }
      }
    }
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
