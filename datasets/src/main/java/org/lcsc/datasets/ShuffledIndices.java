package org.lcsc.datasets;

import org.lcsc.io.Refuse;
import org.lcsc.io.SplitMix64;

/**
 * Says which images make the batch of a training step, as a pure function of (seed, step, batch
 * size, number of images).
 *
 * <p>Every epoch visits each image once, in a permutation derived from (seed, epoch) alone. Batches
 * run on across epoch borders, so none is short and no image is dropped. Training that resumes at
 * step n therefore needs no state but n.
 *
 * <p>Steps count from 0: the batch of step n leads from the parameters after n updates to those
 * after n + 1. The permutation of one epoch is cached, 4 bytes per image; moving to another epoch
 * costs one shuffle. Independent of every global random number generator. Thread-safe.
 */
public final class ShuffledIndices {

  private static final long PERMUTATION_STREAM = 1;
  private static final long FLIP_STREAM = 2;

  private final long seed;
  private final int size;
  private final int batchSize;

  /** The permutation used last. Replaced as a whole, so a race costs a shuffle, never a mix. */
  private volatile Epoch cached;

  /**
   * @param seed any number
   * @param size number of images, at least 1
   * @param batchSize images per batch, at least 1; may exceed {@code size}
   * @throws IllegalArgumentException where {@code size} or {@code batchSize} is below 1
   */
  public ShuffledIndices(long seed, int size, int batchSize) {
    Refuse.argument(size < 1, "size %s: there must be at least 1 image", size);
    Refuse.argument(batchSize < 1, "batchSize %s: must be at least 1", batchSize);
    this.seed = seed;
    this.size = size;
    this.batchSize = batchSize;
  }

  /**
   * The images of a step.
   *
   * @param step updates applied so far, from 0
   * @return {@code batchSize} image indices, a new array
   * @throws IllegalArgumentException where {@code step} is negative or beyond 2^63 / batchSize
   */
  public int[] batch(long step) {
    long position = firstPosition(step);
    int[] indices = new int[batchSize];
    int filled = 0;
    while (filled < batchSize) {
      int within = (int) (position % size);
      int count = Math.min(batchSize - filled, size - within);
      System.arraycopy(permutation(position / size), within, indices, filled, count);
      filled += count;
      position += count;
    }
    return indices;
  }

  /**
   * Which images of a step to mirror: one fair coin per image, a pure function of (seed, step,
   * position in the batch) and independent of {@link #batch(long)}.
   *
   * @param step updates applied so far, from 0
   * @return {@code batchSize} flags, a new array, as {@link ImageDataSet#batch(int[], boolean[])}
   *     takes them
   * @throws IllegalArgumentException where {@code step} is negative or beyond 2^63 / batchSize
   */
  public boolean[] flips(long step) {
    long position = firstPosition(step);
    boolean[] flips = new boolean[batchSize];
    for (int i = 0; i < batchSize; i++) {
      flips[i] = SplitMix64.derive(seed, FLIP_STREAM, position + i) < 0;
    }
    return flips;
  }

  private long firstPosition(long step) {
    if (step < 0 || step > (Long.MAX_VALUE - batchSize) / batchSize) {
      throw new IllegalArgumentException(
          "step " + step + ": must be 0 to " + (Long.MAX_VALUE - batchSize) / batchSize);
    }
    return step * batchSize;
  }

  private int[] permutation(long epoch) {
    Epoch current = cached;
    if (current == null || current.number != epoch) {
      current = new Epoch(epoch, shuffled(epoch));
      cached = current;
    }
    return current.permutation;
  }

  /** Fisher-Yates, inside out. */
  private int[] shuffled(long epoch) {
    SplitMix64 random = new SplitMix64(SplitMix64.derive(seed, PERMUTATION_STREAM, epoch));
    int[] permutation = new int[size];
    for (int i = 0; i < size; i++) {
      int j = random.below(i + 1);
      permutation[i] = permutation[j];
      permutation[j] = i;
    }
    return permutation;
  }

  private record Epoch(long number, int[] permutation) {}
}
