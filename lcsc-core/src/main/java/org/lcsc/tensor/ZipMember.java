package org.lcsc.tensor;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A member of a zip file, read from front to back; to go back starts again. Where the end is
 * reached its checksum is checked, and its buffers are given back: an average has all its files
 * open. Not thread-safe.
 */
final class ZipMember implements AutoCloseable {

  /** Bytes that deflate makes of one, at most. */
  private static final long MAX_DEFLATION = 1032;

  private final ZipFile zip;
  private final ZipEntry entry;
  private CheckedInputStream in;
  private long at;

  /**
   * A member.
   *
   * @param file of the zip file
   * @throws IOException where it claims a size that no packing of the file can give
   */
  ZipMember(Path file, ZipFile zip, ZipEntry entry) throws IOException {
    if (entry.getSize() > MAX_DEFLATION * Files.size(file)) {
      throw new IOException(entry.getName() + " claims a size that is not in the file, damaged");
    }
    this.zip = zip;
    this.entry = entry;
  }

  /** Fills the target from a byte of the member on. */
  void read(long from, ByteBuffer target) throws IOException {
    if (in == null || from < at) {
      close();
      in =
          new CheckedInputStream(
              new BufferedInputStream(zip.getInputStream(entry), 1 << 16), new CRC32());
      at = 0;
    }
    in.skipNBytes(from - at);
    int count = target.remaining();
    int read = in.readNBytes(target.array(), target.arrayOffset() + target.position(), count);
    if (read < count) {
      throw new EOFException();
    }
    target.position(target.position() + count);
    at = from + count;
    if (at == entry.getSize()) {
      // ZipFile itself leaves the checksum unchecked.
      if (in.getChecksum().getValue() != entry.getCrc()) {
        throw new IOException("the checksum of " + entry.getName() + " is wrong, damaged");
      }
      close();
    }
  }

  @Override
  public void close() throws IOException {
    if (in != null) {
      in.close();
      in = null;
    }
  }
}
