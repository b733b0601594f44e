package org.lcsc.checkpoint;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.lcsc.files.AtomicFiles;

/**
 * A saved window: magic number, byte order, data type, parameters, number of checkpoints, their
 * iterations, then the checkpoints as stored, oldest first, and a CRC-32 of all before.
 */
final class CheckpointWindowFile {

  private static final long MAGIC = 0x4c4353432d57494eL; // "LCSC-WIN"

  private CheckpointWindowFile() {}

  static void write(CheckpointWindow window, Path file) throws IOException {
    AtomicFiles.write(
        file,
        stream -> {
          CheckedOutputStream checked = new CheckedOutputStream(stream, new CRC32());
          DataOutputStream out = new DataOutputStream(checked);
          out.writeLong(MAGIC);
          out.writeBoolean(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN);
          out.writeUTF(window.dataType().name());
          out.writeLong(window.parameters());
          out.writeInt(window.size());
          for (long iteration : window.iterations()) {
            out.writeLong(iteration);
          }
          for (int k = 0; k < window.size(); k++) {
            window
                .store()
                .readBytes(window.ring().slot(k), (bytes, count) -> out.write(bytes, 0, count));
          }
          out.writeLong(checked.getChecksum().getValue());
        });
  }

  static void read(CheckpointWindow window, Path file) throws IOException {
    try (InputStream stream = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      CheckedInputStream checked = new CheckedInputStream(stream, new CRC32());
      DataInputStream in = new DataInputStream(checked);
      if (in.readLong() != MAGIC) {
        throw new IOException("it is not a saved checkpoint window");
      }
      if (in.readBoolean() != (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN)) {
        throw new IOException("it was saved on a machine of the other byte order");
      }
      String dataType = in.readUTF();
      if (!dataType.equals(window.dataType().name())) {
        throw new IOException("it holds " + dataType + ", this window " + window.dataType());
      }
      long parameters = in.readLong();
      if (parameters != window.parameters()) {
        throw new IOException(
            "its checkpoints have "
                + parameters
                + " parameters, those of this window "
                + window.parameters());
      }
      readCheckpoints(window, in);
      long sum = checked.getChecksum().getValue();
      if (in.readLong() != sum) {
        throw new IOException("its checksum is wrong");
      }
    } catch (NoSuchFileException e) {
      throw new IOException("cannot restore checkpoint window " + file + ": no such file", e);
    } catch (EOFException e) {
      throw new IOException("cannot restore checkpoint window " + file + ": it is cut short", e);
    } catch (IOException e) {
      throw new IOException("cannot restore checkpoint window " + file + ": " + e.getMessage(), e);
    }
  }

  private static void readCheckpoints(CheckpointWindow window, DataInputStream in)
      throws IOException {
    int size = in.readInt();
    // Only as many as fit are kept in memory, whatever a damaged file claims.
    long last = -1;
    int skip = Math.max(0, size - window.capacity());
    long[] kept = new long[Math.max(0, size - skip)];
    for (int k = 0; k < size; k++) {
      long iteration = in.readLong();
      if (iteration <= last) {
        throw new IOException("its iterations are not ascending");
      }
      last = iteration;
      if (k >= skip) {
        kept[k - skip] = iteration;
      }
    }
    for (int k = 0; k < skip; k++) {
      skipFully(in, window.bytesPerCheckpoint());
    }
    for (long iteration : kept) {
      window
          .ring()
          .fill(
              iteration,
              slot ->
                  window.store().writeBytes(slot, (bytes, count) -> in.readFully(bytes, 0, count)));
    }
  }

  /** Reads and drops, so that the checksum covers the dropped bytes too. */
  private static void skipFully(DataInputStream in, long bytes) throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (long left = bytes; left > 0; ) {
      int count = (int) Math.min(left, buffer.length);
      in.readFully(buffer, 0, count);
      left -= count;
    }
  }
}
