package org.lcsc.checkpoint;

import java.nio.file.Path;
import org.lcsc.config.Kind;

/**
 * Keeps a window in a memory-mapped file, for windows larger than memory.
 *
 * @param dataType how a parameter is stored
 */
@Kind("mapped")
public record MappedStorage(CheckpointDataType dataType) implements WindowStorage {

  /** In float32. */
  public MappedStorage() {
    this(CheckpointDataType.FLOAT32);
  }

  @Override
  public boolean isFile() {
    return true;
  }

  @Override
  public WindowStorage with(CheckpointDataType other) {
    return new MappedStorage(other);
  }

  @Override
  public CheckpointWindowBuilder keep(CheckpointWindowBuilder window, Path file, int spare) {
    window.dataType(dataType);
    return spare == 0 ? window.mapped(file) : window.durable(file, spare);
  }
}
