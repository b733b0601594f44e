package org.lcsc.io;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.io.function.IOConsumer;

/**
 * Files that appear whole or not at all. The content goes to a temporary file beside the target
 * ({@code .NAME.PID-NUMBER.tmp}), is forced to the disk, and is renamed over the target in one
 * step; a reader, a crash or a kill sees the old file or the new one, never a part. The temporary
 * file is deleted when writing fails.
 *
 * <p>Missing parent directories are created, an existing target is replaced, a symbolic link is
 * followed. Every failure is an {@link IOException} of one line that names the target and the
 * cause; a {@code RuntimeException} of the writer passes through unchanged. Thread-safe; of two
 * concurrent writers of one target the later rename wins.
 */
public final class AtomicFiles {

  private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.[0-9]+-[0-9]+\\.tmp");

  /** What follows the target's name: its writer's number first. */
  private static final Pattern WRITER = Pattern.compile("([0-9]{1,18})-[0-9]+\\.tmp");

  /** Characters of the target's name in that of its temporary file; of 4 bytes each at most. */
  private static final int LONGEST = 50;

  /** From any number on: every container has a process 1, and they may share a directory. */
  private static final AtomicLong COUNT = new AtomicLong(new Random().nextLong() >>> 2);

  /** A file that grew so lately may be another machine's. */
  private static final Duration STILL_WRITTEN = Duration.ofHours(1);

  private AtomicFiles() {}

  /**
   * Writes through a buffered stream.
   *
   * @param target file to create or replace
   * @param writer writes the whole content; may close the stream or leave it open
   * @throws IOException if the file cannot be written; the target is then as it was
   */
  public static void write(Path target, IOConsumer<OutputStream> writer) throws IOException {
    replace(
        target,
        temporary -> {
          try (FileOutputStream file = new FileOutputStream(temporary.toFile())) {
            BufferedOutputStream buffer = new BufferedOutputStream(file, 1 << 16);
            writer.accept(new Unclosable(buffer));
            buffer.flush();
            file.getFD().sync();
          }
        });
  }

  /**
   * Writes a text in UTF-8.
   *
   * @throws IOException if the file cannot be written; the target is then as it was
   */
  public static void writeString(Path target, CharSequence text) throws IOException {
    write(target, out -> out.write(text.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Writes through a library that wants a file and not a stream.
   *
   * @param target file to create or replace
   * @param writer receives the path of the temporary file, which does not exist yet and which it
   *     must create
   * @throws IOException if the file cannot be written; the target is then as it was
   */
  public static void writeFile(Path target, IOConsumer<Path> writer) throws IOException {
    replace(target, forced(writer));
  }

  /**
   * Writes several files that belong together. Each is whole on the disk before the first is
   * renamed; where one then cannot be renamed, those that had not been there are deleted again.
   *
   * @param writers by the file to create or replace, as {@link #writeFile} takes them; renamed in
   *     this order
   * @throws IOException if a file cannot be written
   */
  public static void writeAll(Map<Path, IOConsumer<Path>> writers) throws IOException {
    List<Staged> staged = new ArrayList<>();
    List<Path> fresh = new ArrayList<>();
    boolean whole = false;
    try {
      for (Map.Entry<Path, IOConsumer<Path>> entry : writers.entrySet()) {
        staged.add(stage(entry.getKey(), forced(entry.getValue())));
      }
      for (Staged file : staged) {
        boolean there = Files.exists(file.destination());
        file.commit();
        if (!there) {
          fresh.add(file.destination());
        }
      }
      whole = true;
    } finally {
      if (!whole) {
        staged.forEach(file -> discard(file.temporary()));
        fresh.forEach(AtomicFiles::discard);
      }
    }
  }

  private static IOConsumer<Path> forced(IOConsumer<Path> writer) {
    return temporary -> {
      writer.accept(temporary);
      Refuse.file(!Files.isRegularFile(temporary), "nothing was written");
      // Not a channel: an interrupted thread must still be able to finish its file.
      try (RandomAccessFile file = new RandomAccessFile(temporary.toFile(), "rw")) {
        file.getFD().sync();
      }
    };
  }

  /**
   * Deletes what processes that were killed while they wrote left behind, in a directory and below;
   * follows no links. To be called by whoever is the only one to write there.
   *
   * @throws IOException if the directory cannot be read or a file not be deleted
   */
  public static void deleteTemporaries(Path directory) throws IOException {
    List<Path> left;
    try (Stream<Path> entries = Files.walk(directory)) {
      left = entries.filter(path -> isTemporary(path.getFileName().toString())).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (Path file : left) {
      Files.deleteIfExists(file);
    }
  }

  /**
   * Deletes what processes that were killed while they wrote a file left beside it, where others
   * may be writing meanwhile: files of processes that are not of this machine now, unless they grew
   * within an hour, for another machine or container may share the directory. What cannot be
   * deleted stays.
   *
   * @throws IOException if the directory cannot be read
   */
  public static void deleteAbandoned(Path target) throws IOException {
    Path absolute = target.toAbsolutePath();
    if (!Files.isDirectory(absolute.getParent())) {
      return;
    }
    String start = "." + shortened(absolute.getFileName().toString()) + ".";
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(absolute.getParent())) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        Matcher rest = WRITER.matcher(name.startsWith(start) ? name.substring(start.length()) : "");
        if (rest.matches() && ProcessHandle.of(Long.parseLong(rest.group(1))).isEmpty()) {
          deleteOld(entry);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static void deleteOld(Path file) {
    try {
      if (Files.getLastModifiedTime(file)
          .toInstant()
          .isBefore(Instant.now().minus(STILL_WRITTEN))) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // Another's, or gone meanwhile: no reason not to write.
    }
  }

  /** Whether a file of this name is one that was being written. */
  public static boolean isTemporary(String name) {
    return TEMPORARY.matcher(name).matches();
  }

  private static void replace(Path target, IOConsumer<Path> writer) throws IOException {
    stage(target, writer).commit();
  }

  /** A whole file beside its target. */
  private record Staged(Path target, Path temporary, Path destination) {

    void commit() throws IOException {
      try {
        Files.move(temporary, destination, StandardCopyOption.ATOMIC_MOVE);
        forceDirectory(destination.getParent());
      } catch (IOException e) {
        discard(temporary);
        throw describe(target, e);
      }
    }
  }

  private static Staged stage(Path target, IOConsumer<Path> writer) throws IOException {
    Path temporary = null;
    try {
      Path absolute = target.toAbsolutePath();
      Path destination = Files.isSymbolicLink(absolute) ? absolute.toRealPath() : absolute;
      Refuse.file(Files.isDirectory(destination), "it is a directory");
      // Renaming would put a file in the place of /dev/null.
      Refuse.file(
          Files.exists(destination) && !Files.isRegularFile(destination), "it is no regular file");
      Path directory = destination.getParent();
      Files.createDirectories(directory);
      // By hand, not Files.createTempFile: that one makes files only their owner can read.
      temporary =
          directory.resolve(
              Text.format(
                  ".%s.%d-%d.tmp",
                  shortened(destination.getFileName().toString()),
                  ProcessHandle.current().pid(),
                  COUNT.incrementAndGet()));
      writer.accept(temporary);
      return new Staged(target, temporary, destination);
    } catch (UncheckedIOException e) {
      discard(temporary);
      throw describe(target, e.getCause());
    } catch (IOException e) {
      discard(temporary);
      throw describe(target, e);
    } catch (RuntimeException | Error e) {
      discard(temporary);
      throw e;
    }
  }

  /** So that a name as long as file systems allow leaves room for what stands around it. */
  private static String shortened(String name) {
    if (name.length() <= LONGEST) {
      return name;
    }
    // Half a character cannot be written.
    return name.substring(
        0, LONGEST - (Character.isHighSurrogate(name.charAt(LONGEST - 1)) ? 1 : 0));
  }

  private static IOException describe(Path target, IOException cause) {
    return new IOException("cannot write " + target + ": " + reason(cause), cause);
  }

  /** One line for an I/O failure; the bare message of a file system exception is only a path. */
  private static String reason(IOException cause) {
    if (cause instanceof AccessDeniedException denied) {
      return Text.oneLine("permission denied for " + denied.getFile());
    }
    if (cause instanceof NoSuchFileException missing) {
      return Text.oneLine(missing.getFile() + " does not exist");
    }
    if (cause instanceof FileSystemException file && file.getReason() == null) {
      return Text.oneLine(
          file.getFile() + " is in the way (" + cause.getClass().getSimpleName() + ")");
    }
    return Text.reason(cause);
  }

  private static void discard(Path temporary) {
    if (temporary != null) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException ignored) {
        // The failure that brought us here is the one to report.
      }
    }
  }

  /** Makes the rename itself durable; not every platform can open a directory. */
  private static void forceDirectory(Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException ignored) {
      // Best effort: the content is on the disk already.
    }
  }

  /** Lets a writer close its stream before the file is forced to the disk. */
  private static final class Unclosable extends FilterOutputStream {

    Unclosable(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
