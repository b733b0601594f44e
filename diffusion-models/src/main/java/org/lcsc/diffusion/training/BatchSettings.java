package org.lcsc.diffusion.training;

import java.util.Objects;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.io.Refuse;

/**
 * What the training batches of every kind of model have in common.
 *
 * @param images the data set
 * @param batchSize images per batch, at least 1
 * @param flip whether each image is mirrored with probability one half
 * @param labelled whether one-hot class labels are a third feature
 * @param labelDropout probability that a label is left out, all zeros, from 0 to less than 1: a
 *     network then learns to do without, for {@link org.lcsc.diffusion.sampler.Guidance}
 * @param first updates already applied, at least 0
 * @param last updates applied at the end, at least {@code first}
 * @param seed seed of order, flips, times and noise
 * @param spreadLevels whether the noise levels of successive examples are spread evenly over their
 *     distribution, for means of little variance; a training draws them independently
 */
public record BatchSettings(
    ImageDataSet images,
    int batchSize,
    boolean flip,
    boolean labelled,
    double labelDropout,
    int first,
    int last,
    long seed,
    boolean spreadLevels) {

  public BatchSettings {
    Objects.requireNonNull(images, "images");
    Refuse.argument(batchSize < 1, "batchSize: expected at least 1, got %s", batchSize);
    Refuse.argument(
        labelled && !images.labelled(),
        "labels: the data set %s has none, train unconditionally",
        images.name());
    Refuse.argument(
        !(labelDropout >= 0 && labelDropout < 1),
        "labelDropout: expected 0 to less than 1, got %s",
        labelDropout);
    if (first < 0 || last < first) {
      throw new IllegalArgumentException(
          "iterations: expected 0 <= first <= last, got " + first + " and " + last);
    }
  }

  /** Batches of 64, no flips, no labels, 1 iteration, seed 42, independent noise levels. */
  public static BatchSettings of(ImageDataSet images) {
    return new BatchSettings(images, 64, false, false, 0, 0, 1, 42, false);
  }

  /** These settings with another batch size. */
  public BatchSettings withBatchSize(int size) {
    return new BatchSettings(
        images, size, flip, labelled, labelDropout, first, last, seed, spreadLevels);
  }

  /** These settings with or without flips. */
  public BatchSettings withFlip(boolean whether) {
    return new BatchSettings(
        images, batchSize, whether, labelled, labelDropout, first, last, seed, spreadLevels);
  }

  /** These settings with or without labels. */
  public BatchSettings withLabels(boolean whether) {
    return new BatchSettings(
        images, batchSize, flip, whether, labelDropout, first, last, seed, spreadLevels);
  }

  /** These settings with another probability of leaving out a label. */
  public BatchSettings withLabelDropout(double probability) {
    return new BatchSettings(
        images, batchSize, flip, labelled, probability, first, last, seed, spreadLevels);
  }

  /** These settings for other iterations. */
  public BatchSettings withIterations(int from, int to) {
    return new BatchSettings(
        images, batchSize, flip, labelled, labelDropout, from, to, seed, spreadLevels);
  }

  /** These settings with another seed. */
  public BatchSettings withSeed(long other) {
    return new BatchSettings(
        images, batchSize, flip, labelled, labelDropout, first, last, other, spreadLevels);
  }

  /** These settings for other images. */
  public BatchSettings withImages(ImageDataSet others) {
    return new BatchSettings(
        others, batchSize, flip, labelled, labelDropout, first, last, seed, spreadLevels);
  }

  /** These settings with noise levels that are spread evenly, or independent. */
  public BatchSettings withSpreadLevels(boolean whether) {
    return new BatchSettings(
        images, batchSize, flip, labelled, labelDropout, first, last, seed, whether);
  }
}
