package org.lcsc.checkpoint;

import java.nio.file.Path;
import org.lcsc.config.Family;
import org.lcsc.config.Part;

/**
 * Where and how precisely a window keeps its checkpoints: key {@code lcsc.storage} of a
 * configuration file. Implementations are immutable records.
 */
@Family(standard = "memory")
public interface WindowStorage extends Part {

  /**
   * How a parameter is stored. The 16-bit types halve memory and reading time; merging accumulates
   * in float32 whatever the type.
   */
  CheckpointDataType dataType();

  /** Whether the window lies in a file of the run directory. */
  boolean isFile();

  /** The same kind with another type. */
  WindowStorage with(CheckpointDataType dataType);

  /**
   * Gives a window this storage.
   *
   * @param file where a window that lies in a file is to lie
   * @param spare slots by which a saved state of the window may be older than the file, see {@link
   *     CheckpointWindowBuilder#durable}; 0 for a file that is of no use to a later process
   */
  CheckpointWindowBuilder keep(CheckpointWindowBuilder window, Path file, int spare);
}
