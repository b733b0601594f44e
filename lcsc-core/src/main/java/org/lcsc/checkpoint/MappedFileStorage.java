package org.lcsc.checkpoint;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.lcsc.io.Refuse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file, read through memory maps and written through ordinary writes: a full disk is then an
 * exception, where a write to a mapped page would end the process. Locked against a second process.
 * A scratch file is emptied at first and deleted on close; a durable one keeps its content.
 */
final class MappedFileStorage implements CheckpointStorage {

  private static final Logger LOG = LoggerFactory.getLogger(MappedFileStorage.class);

  private final Path path;
  private final RandomAccessFile file;
  private final MappedByteBuffer[] segments;
  private final long[] starts;
  private final boolean durable;
  private boolean closed;

  MappedFileStorage(Path path, boolean durable, int[] segmentBytes) throws IOException {
    this.durable = durable;
    this.path = path.toAbsolutePath();
    starts = new long[segmentBytes.length];
    segments = new MappedByteBuffer[segmentBytes.length];
    long total = 0;
    for (int i = 0; i < segmentBytes.length; i++) {
      starts[i] = total;
      total += segmentBytes[i];
    }
    Refuse.file(
        Files.isDirectory(this.path), "cannot map checkpoint window %s: it is a directory", path);
    Files.createDirectories(this.path.getParent());
    file = new RandomAccessFile(this.path.toFile(), "rw");
    boolean locked = false;
    try {
      FileChannel channel = file.getChannel();
      lock(channel);
      locked = true;
      long length = file.length();
      Refuse.file(
          durable && length != 0 && length != total,
          "checkpoint window %s has %,d bytes, this window would have %,d: it is of another window,"
              + " interval, save interval or network, allowed: the settings that it was made with,"
              + " or another file",
          path,
          length,
          total);
      if (!durable || length == 0) {
        allocate(total);
      }
      for (int i = 0; i < segments.length; i++) {
        segments[i] = channel.map(FileChannel.MapMode.READ_ONLY, starts[i], segmentBytes[i]);
        segments[i].order(ByteOrder.nativeOrder());
      }
    } catch (IOException | RuntimeException e) {
      if (locked) {
        close();
        deleteEmpty();
      } else {
        file.close();
      }
      throw e;
    }
  }

  /** A durable file that was refused its space holds nothing. */
  private void deleteEmpty() throws IOException {
    if (Files.exists(path) && Files.size(path) == 0) {
      Files.delete(path);
    }
  }

  private void allocate(long bytes) throws IOException {
    file.setLength(0);
    long free = path.toFile().getUsableSpace();
    Refuse.file(
        bytes > free,
        "checkpoint window %s needs %,d bytes, the disk has %,d free: take a smaller window,"
            + " 16-bit checkpoints or another disk",
        path,
        bytes,
        free);
    file.setLength(bytes);
  }

  private void lock(FileChannel channel) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    Refuse.file(
        lock == null,
        "checkpoint window %s is in use by another window: give each one its own file",
        path);
  }

  @Override
  public ByteBuffer segment(int index) {
    return segments[index];
  }

  @Override
  public void write(int index, int offset, byte[] bytes, int count) throws IOException {
    // Not the channel: an interrupt of the training thread would close it for good.
    file.seek(starts[index] + offset);
    file.write(bytes, 0, count);
  }

  @Override
  public void force() throws IOException {
    file.getFD().sync();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (MappedByteBuffer segment : segments) {
      if (segment != null) {
        Unmapper.unmap(segment);
      }
    }
    Arrays.fill(segments, null);
    try {
      file.close();
      if (!durable) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      LOG.warn("cannot delete checkpoint window {}: {}", path, e.getMessage());
    }
  }

  /**
   * Unmaps at once. Java 17 has no public way, and a mapping left to the garbage collector keeps
   * the disk space of the deleted file. Where the platform refuses, that is what happens.
   */
  private static final class Unmapper {

    private static final Object UNSAFE;
    private static final Method INVOKE_CLEANER;

    static {
      Object unsafe = null;
      Method invokeCleaner = null;
      try {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field instance = type.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        unsafe = instance.get(null);
        invokeCleaner = type.getMethod("invokeCleaner", ByteBuffer.class);
      } catch (ReflectiveOperationException | RuntimeException e) {
        LOG.debug("mapped files are released by the garbage collector only", e);
      }
      UNSAFE = unsafe;
      INVOKE_CLEANER = invokeCleaner;
    }

    static void unmap(MappedByteBuffer buffer) {
      if (INVOKE_CLEANER != null) {
        try {
          INVOKE_CLEANER.invoke(UNSAFE, buffer);
        } catch (ReflectiveOperationException e) {
          LOG.debug("cannot unmap", e);
        }
      }
    }
  }
}
