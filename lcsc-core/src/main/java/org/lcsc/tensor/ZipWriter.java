package org.lcsc.tensor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.lcsc.io.ZipFiles;

/**
 * Writes a zip file of members that are stored, not packed, as NumPy and PyTorch write theirs. Not
 * thread-safe.
 */
final class ZipWriter implements AutoCloseable {

  /** Where PyTorch wants a storage to begin. */
  private static final int ALIGNMENT = 64;

  private final ZipArchiveOutputStream zip;

  ZipWriter(Path file) throws IOException {
    zip = new ZipArchiveOutputStream(file);
    zip.setMethod(ZipArchiveOutputStream.STORED);
  }

  /** Begins a member; what is written to the stream is its content. */
  OutputStream begin(String name, long size) throws IOException {
    ZipArchiveEntry entry = new ZipArchiveEntry(name);
    entry.setMethod(ZipArchiveOutputStream.STORED);
    // Local, as the format has it: so the time zone does not matter.
    entry.setTimeLocal(ZipFiles.ENTRY_TIME);
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
