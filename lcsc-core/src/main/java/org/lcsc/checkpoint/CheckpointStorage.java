package org.lcsc.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Raw bytes of a window, in segments of at most 1 GB each. Not thread-safe. */
interface CheckpointStorage extends AutoCloseable {

  /**
   * The memory of one segment: direct, native byte order, position 0; for reading. Valid until
   * {@link #close()}, and touching it later may crash the process.
   */
  ByteBuffer segment(int index);

  /**
   * Overwrites a part of a segment.
   *
   * @param index segment
   * @param offset first byte in the segment
   * @param bytes source, from its start
   * @param count bytes to write
   * @throws IOException if the medium refuses, a full disk for example
   */
  void write(int index, int offset, byte[] bytes, int count) throws IOException;

  /** Makes what was written survive a crash of the machine, where the medium can. */
  default void force() throws IOException {}

  /** Frees memory and deletes scratch files; closing twice is harmless. */
  @Override
  void close();

  /** Makes the storage once its size is known. */
  @FunctionalInterface
  interface Factory {

    /**
     * Allocates.
     *
     * @param segmentBytes size of each segment, bytes
     */
    CheckpointStorage allocate(int[] segmentBytes) throws IOException;
  }
}
