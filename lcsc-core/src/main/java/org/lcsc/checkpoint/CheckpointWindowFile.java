package org.lcsc.checkpoint;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Refuse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A saved window: magic number and {@link WindowIndex} with their CRC-32, then each checkpoint as
 * stored, oldest first, with its own.
 */
final class CheckpointWindowFile {

  private static final long MAGIC = 0x4c4353432d574933L; // "LCSC-WI3"

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointWindowFile.class);

  private CheckpointWindowFile() {}

  static void write(CheckpointWindow window, Path file) throws IOException {
    AtomicFiles.write(
        file,
        stream -> {
          DataOutputStream out = new DataOutputStream(stream);
          ByteArrayOutputStream head = new ByteArrayOutputStream();
          DataOutputStream header = new DataOutputStream(head);
          header.writeLong(MAGIC);
          WindowIndex.of(window).write(header, window);
          CRC32 sum = new CRC32();
          sum.update(head.toByteArray());
          head.writeTo(out);
          out.writeLong(sum.getValue());
          for (int k = 0; k < window.size(); k++) {
            writeCheckpoint(window, k, out);
          }
        });
  }

  /** A checkpoint's bytes and their CRC-32. */
  static void writeCheckpoint(CheckpointWindow window, int k, DataOutputStream out)
      throws IOException {
    CRC32 sum = new CRC32();
    window
        .store()
        .readBytes(
            window.ring().slot(k),
            (bytes, count) -> {
              sum.update(bytes, 0, count);
              out.write(bytes, 0, count);
            });
    out.writeLong(sum.getValue());
  }

  /**
   * Fills a slot, and tells whether its checksum is right; the ring is left alone.
   *
   * @param expected what the index says
   */
  static boolean readCheckpoint(
      CheckpointWindow window, int slot, long expected, DataInputStream in) throws IOException {
    CRC32 sum = new CRC32();
    window
        .store()
        .writeBytes(
            slot,
            (bytes, count) -> {
              in.readFully(bytes, 0, count);
              sum.update(bytes, 0, count);
            });
    return in.readLong() == sum.getValue() && sum.getValue() == expected;
  }

  /** Returns the iterations of damaged checkpoints; after a failure the window is empty. */
  static List<Long> read(CheckpointWindow window, Path file) throws IOException {
    boolean whole = false;
    try {
      List<Long> leftOut = readWindow(window, file);
      whole = true;
      return leftOut;
    } finally {
      if (!whole) {
        window.ring().clear();
      }
    }
  }

  private static List<Long> readWindow(CheckpointWindow window, Path file) throws IOException {
    try (InputStream stream = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      CheckedInputStream checked = new CheckedInputStream(stream, new CRC32());
      DataInputStream in = new DataInputStream(checked);
      Refuse.file(in.readLong() != MAGIC, "it is not a saved checkpoint window of this version");
      WindowIndex index = WindowIndex.read(in, window);
      long sum = checked.getChecksum().getValue();
      Refuse.file(in.readLong() != sum, "its checksum is wrong");
      return readCheckpoints(window, index, file, in);
    } catch (NoSuchFileException e) {
      throw new IOException("cannot restore checkpoint window " + file + ": no such file", e);
    } catch (EOFException e) {
      throw new IOException("cannot restore checkpoint window " + file + ": it is cut short", e);
    } catch (IOException e) {
      throw new IOException("cannot restore checkpoint window " + file + ": " + e.getMessage(), e);
    }
  }

  private static List<Long> readCheckpoints(
      CheckpointWindow window, WindowIndex index, Path file, DataInputStream in)
      throws IOException {
    List<Long> damaged = new ArrayList<>();
    int surplus = index.surplus(window);
    boolean cut = false;
    for (int k = 0; k < index.entries().size(); k++) {
      WindowIndex.Entry entry = index.entries().get(k);
      boolean sound = false;
      try {
        if (k < surplus) {
          in.skipNBytes(window.bytesPerCheckpoint() + Long.BYTES);
          continue;
        }
        sound = !cut && readCheckpoint(window, index.slot(k, window), entry.checksum(), in);
      } catch (EOFException e) {
        cut = true;
      }
      if (sound) {
        window.ring().place(entry.iteration(), index.slot(k, window), entry.checksum());
      } else if (k >= surplus) {
        LOG.warn(
            "checkpoint of iteration {} in {} is damaged and left out", entry.iteration(), file);
        window.store().clear(index.slot(k, window));
        damaged.add(entry.iteration());
      }
    }
    return damaged;
  }
}
