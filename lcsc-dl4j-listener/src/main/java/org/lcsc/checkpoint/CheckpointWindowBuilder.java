package org.lcsc.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Settings of a {@link CheckpointWindow}; in memory and float32 unless told otherwise. Not
 * thread-safe.
 */
public final class CheckpointWindowBuilder {

  private static final int MAX_SEGMENT_BYTES = 1 << 30;

  private final long parameters;
  private int window;
  private int interval;
  private int capacity;
  private CheckpointDataType dataType = CheckpointDataType.FLOAT32;
  private CheckpointStorage.Factory storage = OffHeapStorage::new;
  private int segmentBytes = MAX_SEGMENT_BYTES;
  private boolean direct = Nd4j.getExecutioner().type() == OpExecutioner.ExecutionerType.NATIVE_CPU;

  CheckpointWindowBuilder(long parameters) {
    if (parameters <= 0) {
      throw new IllegalArgumentException("parameters must be positive, got " + parameters);
    }
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
    this.storage = OffHeapStorage::new;
    return this;
  }

  /**
   * Keeps the window in a memory-mapped scratch file, for windows larger than memory. An existing
   * file is overwritten; the file is deleted when the window is closed, and stays behind if the
   * process is killed.
   */
  public CheckpointWindowBuilder mapped(Path file) {
    Objects.requireNonNull(file, "file");
    this.storage = segments -> new MappedFileStorage(file, segments);
    return this;
  }

  CheckpointWindowBuilder storage(CheckpointStorage.Factory factory) {
    this.storage = factory;
    return this;
  }

  CheckpointWindowBuilder segmentBytes(int bytes) {
    this.segmentBytes = bytes;
    return this;
  }

  CheckpointWindowBuilder direct(boolean hostMemory) {
    this.direct = hostMemory;
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
    try {
      return new CheckpointWindow(
          window,
          interval,
          parameters,
          dataType,
          checkpoints,
          new TileStore(parameters, checkpoints, dataType, storage, segmentBytes, direct));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private int checkpoints() {
    if (capacity > 0) {
      if (window > 0 || interval > 0) {
        throw new IllegalArgumentException(
            "give either capacity or window and interval, got capacity "
                + capacity
                + ", window "
                + window
                + ", interval "
                + interval);
      }
      return capacity;
    }
    if (window == 0 || interval == 0) {
      throw new IllegalArgumentException("a window needs both its size and its interval");
    }
    if (window < interval) {
      throw new IllegalArgumentException(
          "window must be at least the interval of " + interval + " iterations, got " + window);
    }
    if (window % interval != 0) {
      throw new IllegalArgumentException(
          "window must be a multiple of the interval of "
              + interval
              + " iterations, got "
              + window
              + ": take "
              + window / interval * interval);
    }
    return window / interval;
  }

  private static int positive(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be positive, got " + value);
    }
    return value;
  }
}
