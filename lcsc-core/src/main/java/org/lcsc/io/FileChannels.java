package org.lcsc.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Reads at a position of a file, whatever the operating system gives at a time.
 *
 * <p>Thread-safe: it has no state.
 */
public final class FileChannels {

  private FileChannels() {}

  /**
   * Fills what remains of a buffer.
   *
   * @param from first byte of the file
   * @return whether the file had so many bytes
   */
  public static boolean fill(FileChannel channel, long from, ByteBuffer target) throws IOException {
    long at = from;
    while (target.hasRemaining()) {
      int count = channel.read(target, at);
      if (count < 0) {
        return false;
      }
      at += count;
    }
    return true;
  }
}
