package org.lcsc.experiment.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The lock of a directory: a file that one process at a time holds. The operating system lets go of
 * it when the process ends, however it ends. The file itself stays, because deleting it could take
 * it from under a process that is just opening it. Thread-safe.
 */
public final class RunLock implements AutoCloseable {

  static final String NAME = ".lock";

  private final FileChannel channel;

  private RunLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock. Since the file is opened for writing, this also finds out whether the directory
   * can be written.
   *
   * @throws RunDirectoryException if another process holds it, or the directory cannot be written
   */
  public static RunLock acquire(Path directory) throws RunDirectoryException {
    return acquire(directory, NAME);
  }

  /**
   * Takes a lock of another name, for work beside that of the directory's own.
   *
   * @see #acquire(Path)
   */
  public static RunLock acquire(Path directory, String name) throws RunDirectoryException {
    Path file = directory.resolve(name);
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      if (channel.tryLock() == null) {
        throw new OverlappingFileLockException();
      }
      channel.truncate(0);
      String pid = ProcessHandle.current().pid() + "\n";
      channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
      return new RunLock(channel);
    } catch (OverlappingFileLockException e) {
      close(channel);
      throw new RunDirectoryException(
          directory, "is in use by another process" + holder(file) + ", allowed: one at a time", e);
    } catch (IOException e) {
      close(channel);
      throw new RunDirectoryException(directory, "cannot be written (" + reason(e) + ")", e);
    }
  }

  @Override
  public void close() {
    close(channel);
  }

  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    return e instanceof java.nio.file.FileSystemException file && file.getReason() != null
        ? file.getReason()
        : e.getClass().getSimpleName();
  }

  private static String holder(Path file) {
    try {
      String pid = Files.readString(file, StandardCharsets.US_ASCII).strip();
      return pid.matches("[0-9]{1,19}") ? " (" + pid + ")" : "";
    } catch (IOException e) {
      // Where a lock also bars reading there is no more to say than that there is one.
      return "";
    }
  }

  private static void close(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // Closing only gives the lock back, and the end of the process does so as well.
    }
  }
}
