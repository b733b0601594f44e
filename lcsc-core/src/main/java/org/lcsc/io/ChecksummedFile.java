package org.lcsc.io;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import org.apache.commons.io.function.IOConsumer;
import org.apache.commons.io.function.IOFunction;

/**
 * A binary file that appears whole or not at all and is read only when it is undamaged: a magic
 * number, the content, and a CRC-32 of both, which is checked before the content is looked at.
 * Thread-safe.
 */
public final class ChecksummedFile {

  private ChecksummedFile() {}

  /**
   * Writes a file.
   *
   * @param magic kind and version of the file
   * @param content writes the content
   * @throws IOException if the file cannot be written; it is then as it was
   */
  public static void write(Path file, long magic, IOConsumer<DataOutputStream> content)
      throws IOException {
    AtomicFiles.write(
        file,
        stream -> {
          CheckedOutputStream checked = new CheckedOutputStream(stream, new CRC32());
          DataOutputStream out = new DataOutputStream(checked);
          out.writeLong(magic);
          content.accept(out);
          out.writeLong(checked.getChecksum().getValue());
        });
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it is missing, of another kind or version, or damaged; one line that
   *     names it
   */
  public static <T> T read(Path file, long magic, IOFunction<DataInputStream, T> content)
      throws IOException {
    try {
      verify(file, magic);
      try (DataInputStream in = open(file)) {
        in.readLong();
        return content.apply(in);
      }
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": no such file", e);
    } catch (EOFException e) {
      throw new IOException(file + " is damaged: it is cut short", e);
    } catch (IOException e) {
      throw new IOException(file + " " + e.getMessage(), e);
    }
  }

  private static void verify(Path file, long magic) throws IOException {
    long left = Files.size(file) - Long.BYTES;
    try (DataInputStream in = open(file)) {
      CRC32 sum = new CRC32();
      byte[] piece = new byte[1 << 16];
      boolean first = true;
      while (left > 0) {
        int count = (int) Math.min(piece.length, left);
        in.readFully(piece, 0, count);
        if (first && (count < Long.BYTES || java.nio.ByteBuffer.wrap(piece).getLong() != magic)) {
          throw new IOException("is of another kind, or of another version of this program");
        }
        first = false;
        sum.update(piece, 0, count);
        left -= count;
      }
      if (first) {
        throw new EOFException();
      }
      Refuse.file(in.readLong() != sum.getValue(), "is damaged: its checksum is wrong");
    }
  }

  private static DataInputStream open(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    return new DataInputStream(new BufferedInputStream(in, 1 << 16));
  }
}
