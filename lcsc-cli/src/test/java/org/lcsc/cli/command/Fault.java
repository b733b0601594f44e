package org.lcsc.cli.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/** Something that goes wrong below the files of a run, until it is closed. */
final class Fault implements AutoCloseable {

  private final List<List<String>> undo;

  private Fault(List<List<String>> undo) {
    this.undo = undo;
  }

  /**
   * A small file system of its own, in memory.
   *
   * @throws TestAbortedException where this user may not mount one
   */
  static Fault smallDisk(Path directory, int megabytes) throws Exception {
    Files.createDirectories(directory);
    String target = directory.toString();
    if (!runs("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", target)) {
      throw new TestAbortedException("this user may not mount a small file system to fill");
    }
    return new Fault(List.of(List.of("umount", target)));
  }

  /** Leaves no room on a disk of a few megabytes; to be deleted to mend that. */
  static Path fill(Path directory) throws IOException {
    Path file = directory.resolve("filler");
    for (int block = 1 << 16; block > 0; block /= 16) {
      try (OutputStream out =
          Files.newOutputStream(
              file,
              java.nio.file.StandardOpenOption.CREATE,
              java.nio.file.StandardOpenOption.APPEND)) {
        while (true) {
          out.write(new byte[block]);
        }
      } catch (IOException full) {
        // No room for another block of this size.
      }
    }
    return file;
  }

  /**
   * A file or directory that nobody can write, not even root: marked immutable, or mounted
   * read-only upon itself where the file system knows no such mark.
   *
   * @throws TestAbortedException where this user can do neither
   */
  static Fault readOnly(Path path) throws Exception {
    String target = path.toString();
    if (runs("chattr", "+i", target)) {
      return new Fault(List.of(List.of("chattr", "-i", target)));
    }
    List<List<String>> undo = new ArrayList<>();
    if (runs("mount", "--bind", target, target)) {
      undo.add(List.of("umount", target));
      if (runs("mount", "-o", "remount,bind,ro", target)) {
        return new Fault(undo);
      }
    }
    new Fault(undo).close();
    throw new TestAbortedException("this user can make nothing read-only for itself");
  }

  /**
   * Says before anything begins whether {@link #readOnly} will do what it says.
   *
   * @param directory on the same disk
   * @throws TestAbortedException where it will not
   */
  static void requireReadOnly(Path directory) throws Exception {
    Path probe = Files.createTempDirectory(directory, "probe");
    readOnly(probe).close();
    Files.delete(probe);
  }

  /**
   * No file of a process may grow beyond a size.
   *
   * @throws TestAbortedException where that cannot be said
   */
  static void limitFileSize(Process process, int bytes) throws Exception {
    if (!runs("prlimit", "--pid", String.valueOf(process.pid()), "--fsize=" + bytes)) {
      throw new TestAbortedException("there is no prlimit to bound the size of files");
    }
  }

  private static boolean runs(String... command) throws Exception {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException missing) {
      return false;
    }
  }

  /** Mends it. */
  @Override
  public void close() throws Exception {
    List<List<String>> backwards = new ArrayList<>(undo);
    Collections.reverse(backwards);
    for (List<String> command : backwards) {
      if (!runs(command.toArray(String[]::new))) {
        throw new IOException("cannot be undone: " + String.join(" ", command));
      }
    }
  }
}
