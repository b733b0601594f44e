package org.lcsc.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Settings of a {@link CheckpointWindow}; in memory and float32 by default. Not thread-safe. */
public final class CheckpointWindowBuilder {

  private static final int MAX_SEGMENT_BYTES = 1 << 30;

  private final long parameters;
  private int window;
  private int interval;
  private int capacity;
  private CheckpointDataType dataType = CheckpointDataType.FLOAT32;
  private CheckpointStorage.Factory storage = OffHeapStorage::new;
  private Path durable;
  private int spare;
  private int segmentBytes = MAX_SEGMENT_BYTES;

  CheckpointWindowBuilder(long parameters) {
    Refuse.argument(parameters <= 0, "parameters must be positive, got %s", parameters);
    this.parameters = parameters;
  }

  /** Iterations the window spans, a multiple of the interval. Required. */
  public CheckpointWindowBuilder window(int iterations) {
    this.window = positive("window", iterations);
    return this;
  }

  /** Iterations between checkpoints. Required. */
  public CheckpointWindowBuilder interval(int iterations) {
    this.interval = positive("interval", iterations);
    return this;
  }

  /**
   * Number of checkpoints, instead of window and interval, for checkpoints that come at irregular
   * iterations; {@link CheckpointWindow#due} is then always false.
   */
  public CheckpointWindowBuilder capacity(int checkpoints) {
    this.capacity = positive("capacity", checkpoints);
    return this;
  }

  /** How parameters are stored; float32 by default. */
  public CheckpointWindowBuilder dataType(CheckpointDataType type) {
    this.dataType = Objects.requireNonNull(type, "data type");
    return this;
  }

  /** Keeps the window in memory outside the Java heap; the default. */
  public CheckpointWindowBuilder inMemory() {
    return storage(OffHeapStorage::new);
  }

  /**
   * Keeps the window in a memory-mapped scratch file, for windows larger than memory. An existing
   * file is overwritten; the file is deleted when the window is closed, and stays behind if the
   * process is killed.
   */
  public CheckpointWindowBuilder mapped(Path file) {
    Objects.requireNonNull(file, "file");
    return storage(segments -> new MappedFileStorage(file, false, segments));
  }

  /**
   * Keeps the window in a memory-mapped file that stays when the window is closed or the process
   * killed, so that {@link CheckpointArchive} has no need to write the checkpoints a second time: a
   * saved state tells which slots of the file hold which checkpoints, with their checksums. A slot
   * that the last state lists is written to again only after {@code spare} further checkpoints, so
   * the state is to be saved at least that often; see {@link CheckpointWindow#overwritesSaved}.
   *
   * <p>The window merges in the order of the slots, which differs from that of a window without
   * spare slots: results agree up to float32 rounding. Merging reads the spare slots too.
   *
   * @param file made where it is missing, reused where it has the size of this window, else refused
   *     by {@link #build}
   * @param spare slots beyond the capacity, at least 1
   */
  public CheckpointWindowBuilder durable(Path file, int spare) {
    Objects.requireNonNull(file, "file");
    storage(segments -> new MappedFileStorage(file, true, segments));
    this.spare = positive("spare", spare);
    this.durable = file;
    return this;
  }

  CheckpointWindowBuilder storage(CheckpointStorage.Factory factory) {
    this.storage = factory;
    this.spare = 0;
    this.durable = null;
    return this;
  }

  CheckpointWindowBuilder segmentBytes(int bytes) {
    this.segmentBytes = bytes;
    return this;
  }

  /**
   * Allocates the window.
   *
   * @throws IllegalArgumentException if window, interval or capacity are missing or do not fit
   *     together
   * @throws IllegalStateException if there is not enough memory
   * @throws UncheckedIOException if the mapped file cannot be made
   */
  public CheckpointWindow build() {
    int checkpoints = checkpoints();
    int slots = Math.addExact(checkpoints, spare);
    try {
      return new CheckpointWindow(
          interval,
          parameters,
          dataType,
          new CheckpointRing(checkpoints, spare),
          durable,
          new TileStore(parameters, slots, dataType, storage, segmentBytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** See {@link CheckpointWindow#ofCheckpoints}. */
  static CheckpointWindow filled(SortedMap<Long, INDArray> checkpoints) {
    Refuse.argument(checkpoints.isEmpty(), "a window needs at least one checkpoint, got none");
    long length = checkpoints.get(checkpoints.firstKey()).length();
    CheckpointWindow window =
        new CheckpointWindowBuilder(length).capacity(checkpoints.size()).build();
    try {
      for (Map.Entry<Long, INDArray> checkpoint : checkpoints.entrySet()) {
        if (!window.record(checkpoint.getKey(), checkpoint.getValue())) {
          throw new IllegalArgumentException(
              "the checkpoint of iteration " + checkpoint.getKey() + " has non-finite parameters");
        }
      }
      return window;
    } catch (RuntimeException e) {
      window.close();
      throw e;
    }
  }

  private int checkpoints() {
    if (capacity > 0) {
      Refuse.argument(
          window > 0 || interval > 0,
          "give either capacity or window and interval, got capacity %s, window %s, interval %s",
          capacity,
          window,
          interval);
      return capacity;
    }
    Refuse.argument(window == 0 || interval == 0, "a window needs both its size and its interval");
    if (window < interval) {
      throw new IllegalArgumentException(
          "window must be at least the interval of " + interval + " iterations, got " + window);
    }
    Refuse.argument(
        window % interval != 0,
        "window must be a multiple of the interval of %s iterations, got %s: take %s",
        interval,
        window,
        window / interval * interval);
    return window / interval;
  }

  private static int positive(String name, int value) {
    Refuse.argument(value <= 0, "%s must be positive, got %s", name, value);
    return value;
  }
}
