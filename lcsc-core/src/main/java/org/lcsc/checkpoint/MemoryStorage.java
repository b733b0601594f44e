package org.lcsc.checkpoint;

import java.nio.file.Path;
import org.lcsc.config.Kind;

/**
 * Keeps a window in memory outside the Java heap.
 *
 * @param dataType how a parameter is stored
 */
@Kind("memory")
public record MemoryStorage(CheckpointDataType dataType) implements WindowStorage {

  /** In float32. */
  public MemoryStorage() {
    this(CheckpointDataType.FLOAT32);
  }

  @Override
  public boolean isFile() {
    return false;
  }

  @Override
  public WindowStorage with(CheckpointDataType other) {
    return new MemoryStorage(other);
  }

  @Override
  public CheckpointWindowBuilder keep(CheckpointWindowBuilder window, Path file, int spare) {
    return window.dataType(dataType).inMemory();
  }
}
