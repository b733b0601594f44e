package org.lcsc.io;

import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * How many threads native code works with. Two threads that wait for one another after every short
 * operation are slower than one, and many times slower where other processes use the cores; so the
 * number follows from the work of a step alone, and the same configuration gives the same bits on
 * every machine with as many cores. Where {@code OMP_NUM_THREADS} is set, it decides.
 *
 * <p>Thread-safe. OpenMP counts by calling thread: one that does not choose itself must {@link
 * #join}.
 */
public final class NativeThreads {

  /**
   * Parameters times pixels times images of a step that are worth a thread. Measured on two cores:
   * below twice as many, two threads take 0.8 to 1.35 times as long as one, above, at most 1/1.3.
   */
  private static final double WORK = 5e9;

  private static final boolean GIVEN = System.getenv("OMP_NUM_THREADS") != null;
  private static final int CORES = Runtime.getRuntime().availableProcessors();

  private static volatile int count = ops().ompGetMaxThreads();

  private NativeThreads() {}

  private static NativeOps ops() {
    // Loads the backend, which the holder must find loaded.
    Nd4j.getExecutioner();
    return NativeOpsHolder.getInstance().getDeviceNativeOps();
  }

  /** Threads now. */
  public static int count() {
    return count;
  }

  /** Threads for a step of so many images of so many pixels, where there are so many cores. */
  static int of(long parameters, long pixels, int batch, int cores) {
    double work = (double) parameters * pixels * batch;
    return (int) Math.max(1, Math.min(cores, work / WORK));
  }

  /**
   * Chooses the number for the whole process, and joins.
   *
   * @param parameters of the network
   * @param pixels height times width of an image
   * @param batch images of a step
   */
  public static void choose(long parameters, long pixels, int batch) {
    if (!GIVEN) {
      count = of(parameters, pixels, batch, CORES);
      Nd4j.getNDArrayFactory().blas().setMaxThreads(count);
    }
    join();
  }

  /** Lets the calling thread work with as many. */
  public static void join() {
    if (!GIVEN) {
      ops().setOmpNumThreads(count);
    }
  }
}
