package org.lcsc.diffusion.layer;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import org.lcsc.io.NativeThreads;

/**
 * Spreads a pass over rows of an array over as many threads as libnd4j may use. Rows are cut into
 * chunks by the array's size alone, so that sums kept by chunk do not depend on the threads.
 */
final class HostParallel {

  private static final int MOST_CHUNKS = 16;

  /** Below, waking a thread costs more than it saves: this many values take about 150 us. */
  private static final long LEAST_VALUES = 1 << 17;

  private static final int CORES = Runtime.getRuntime().availableProcessors();

  private static final ForkJoinPool POOL = CORES > 1 ? new ForkJoinPool(CORES - 1) : null;

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
    int threads = Math.min(Math.min(CORES, NativeThreads.count()), chunks);
    if (threads < 2 || (long) rows * valuesPerRow < LEAST_VALUES) {
      range(0, chunks, chunks, rows, work);
      return;
    }
    share(chunks, rows, work, POOL, threads);
  }

  /** Runs all chunks on this thread and up to {@code threads - 1} of the executor's. */
  static void share(int chunks, int rows, Rows work, Executor executor, int threads) {
    Job job = new Job(chunks, rows, work);
    for (int t = 1; t < threads; t++) {
      executor.execute(job);
    }
    job.run();
    job.await();
  }

  private static void range(int from, int to, int chunks, int rows, Rows work) {
    for (int chunk = from; chunk < to; chunk++) {
      work.run(
          chunk, (int) ((long) rows * chunk / chunks), (int) ((long) rows * (chunk + 1) / chunks));
    }
  }

  /**
   * Chunks that threads take one after the other. A native thread that waits by spinning may keep
   * ours from a core for milliseconds: a thread that comes late finds nothing left to do, and
   * nobody waits for it.
   */
  private static final class Job implements Runnable {

    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final int chunks;
    private final int rows;
    private final Rows work;
    private volatile Throwable failure;

    Job(int chunks, int rows, Rows work) {
      this.chunks = chunks;
      this.rows = rows;
      this.work = work;
    }

    @Override
    public void run() {
      for (int chunk = next.getAndIncrement(); chunk < chunks; chunk = next.getAndIncrement()) {
        try {
          range(chunk, chunk + 1, chunks, rows, work);
        } catch (RuntimeException | Error e) {
          // An error too: the chunk is not done.
          failure = e;
        } finally {
          done.incrementAndGet();
        }
      }
    }

    /** Returns when all chunks are done; those that others are at take some ten microseconds. */
    void await() {
      for (int spins = 0; done.get() < chunks; spins++) {
        if (spins < 1000) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure != null) {
        throw (RuntimeException) failure;
      }
    }
  }
}
