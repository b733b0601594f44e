package org.lcsc.diffusion.layer;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Spreads a pass over rows of an array over as many threads as libnd4j may use. Rows are cut into
 * chunks by the array's size alone, so that sums kept by chunk do not depend on the threads.
 */
final class HostParallel {

  private static final int MOST_CHUNKS = 16;

  /** Below, waking a thread costs more than it saves: this many values take about 150 us. */
  private static final long LEAST_VALUES = 1 << 17;

  private static final int THREADS =
      Math.min(
          Runtime.getRuntime().availableProcessors(),
          NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads());

  private static final ForkJoinPool POOL = THREADS > 1 ? new ForkJoinPool(THREADS - 1) : null;

  private HostParallel() {}

  /** Work on some rows. */
  @FunctionalInterface
  interface Rows {
    /** Does rows {@code from} to {@code to - 1}, the given chunk of all. */
    void run(int chunk, int from, int to);
  }

  /** Number of chunks of an array of so many rows of so many values. */
  static int chunks(int rows, int valuesPerRow) {
    long blocks = (long) rows * valuesPerRow / Scratch.BLOCK;
    return (int) Math.max(1, Math.min(Math.min(MOST_CHUNKS, rows), blocks));
  }

  /** Runs all chunks and returns when they are done. */
  static void run(int rows, int valuesPerRow, Rows work) {
    int chunks = chunks(rows, valuesPerRow);
    int threads = Math.min(THREADS, chunks);
    if (threads < 2 || (long) rows * valuesPerRow < LEAST_VALUES) {
      range(0, chunks, chunks, rows, work);
      return;
    }
    ForkJoinTask<?>[] others = new ForkJoinTask<?>[threads - 1];
    for (int t = 1; t < threads; t++) {
      int from = chunks * t / threads;
      int to = chunks * (t + 1) / threads;
      others[t - 1] = POOL.submit(() -> range(from, to, chunks, rows, work));
    }
    range(0, chunks / threads, chunks, rows, work);
    for (ForkJoinTask<?> other : others) {
      other.join();
    }
  }

  private static void range(int from, int to, int chunks, int rows, Rows work) {
    for (int chunk = from; chunk < to; chunk++) {
      work.run(
          chunk, (int) ((long) rows * chunk / chunks), (int) ((long) rows * (chunk + 1) / chunks));
    }
  }
}
