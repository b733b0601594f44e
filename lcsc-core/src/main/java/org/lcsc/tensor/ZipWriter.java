package org.lcsc.tensor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/**
 * Writes a zip file of members that are stored, not packed, as NumPy and PyTorch write theirs. Not
 * thread-safe.
 */
final class ZipWriter implements AutoCloseable {

  /** Where PyTorch wants a storage to begin. */
  private static final int ALIGNMENT = 64;

  /** The zip format's zero, so that equal contents make equal files. */
  private static final FileTime TIME = FileTime.from(Instant.parse("1980-01-01T00:00:00Z"));

  private final ZipArchiveOutputStream zip;

  ZipWriter(Path file) throws IOException {
    zip = new ZipArchiveOutputStream(file);
    zip.setMethod(ZipArchiveOutputStream.STORED);
  }

  /** Begins a member; what is written to the stream is its content. */
  OutputStream begin(String name, long size) throws IOException {
    ZipArchiveEntry entry = new ZipArchiveEntry(name);
    entry.setMethod(ZipArchiveOutputStream.STORED);
    entry.setTime(TIME);
    entry.setSize(size);
    entry.setAlignment(ALIGNMENT);
    zip.putArchiveEntry(entry);
    return zip;
  }

  /** Ends the member. */
  void end() throws IOException {
    zip.closeArchiveEntry();
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
