package org.lcsc.experiment.run;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.lcsc.experiment.output.EventFile;
import org.lcsc.io.AtomicFiles;

/** What lies where a run is to be, and whether that may be used. Thread-safe. */
enum RunContent {
  NOTHING,
  UNFINISHED_TRAINING,
  UNFINISHED_SEARCH,
  FINISHED_RUN,
  SOMETHING_ELSE;

  static final String CONFIG = "config.yaml";
  static final String SEARCH = "search.yaml";
  static final String RESULTS = "results.json";

  /** Held while scores are added to the landscape. */
  static final String LANDSCAPE_LOCK = ".landscape.lock";

  private static final Set<String> OWN =
      Set.of(
          CONFIG,
          SEARCH,
          "metrics.csv",
          "ema",
          "checkpoints",
          "lcsc",
          "samples",
          "state",
          RESULTS,
          "results.md",
          LANDSCAPE_LOCK,
          "landscape.csv",
          "landscape.png",
          "landscape.svg",
          "report.html");

  /**
   * Looks at a place.
   *
   * @throws RunDirectoryException if it is not a directory
   */
  static RunContent of(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return NOTHING;
    }
    if (!Files.isDirectory(root)) {
      throw new RunDirectoryException(root, "is not a directory, allowed: a directory");
    }
    if (Files.exists(root.resolve(CONFIG))) {
      if (Files.exists(root.resolve(RESULTS))) {
        return FINISHED_RUN;
      }
      return Files.exists(root.resolve(SEARCH)) ? UNFINISHED_SEARCH : UNFINISHED_TRAINING;
    }
    // What a process killed at the very start leaves behind is nothing.
    boolean empty = names(root).stream().allMatch(RunContent::isLeftover);
    return empty ? NOTHING : SOMETHING_ELSE;
  }

  private static boolean isOwn(String name) {
    return OWN.contains(name)
        || name.startsWith(EventFile.PREFIX)
        || name.startsWith(ProbeDirectory.PREFIX);
  }

  /** Whether a new run in place of another deletes a file or directory. */
  static boolean deletes(Path root, Path file) {
    return file.startsWith(root)
        && (file.equals(root) || isOwn(root.relativize(file).getName(0).toString()));
  }

  /** Refuses a place that a new run must not or cannot take. */
  static void requireFree(Path root, boolean overwrite) throws IOException {
    RunContent content = of(root);
    if (content == SOMETHING_ELSE) {
      throw new RunDirectoryException(
          root, "is not empty and holds no run, allowed: a new or empty directory");
    }
    if (content == FINISHED_RUN && !overwrite) {
      throw new RunDirectoryException(
          root, "holds a finished run, allowed: --overwrite, or another output");
    }
    if (content != NOTHING && !overwrite) {
      throw new RunDirectoryException(
          root,
          "holds an unfinished run, allowed: lcsc "
              + (content == UNFINISHED_SEARCH ? "search" : "train")
              + " --resume, --overwrite, or another output");
    }
    Path existing = existing(root);
    if (!Files.isWritable(existing)) {
      throw new RunDirectoryException(
          root, "cannot be made or written (permission denied for " + existing + ")");
    }
  }

  /** The directory, or the nearest one above it that is there. */
  private static Path existing(Path root) {
    Path existing = root.toAbsolutePath().normalize();
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    return existing;
  }

  /** Refuses a place without a run. */
  static void requireRun(Path root) throws IOException {
    RunContent content = of(root);
    if (content == NOTHING || content == SOMETHING_ELSE) {
      throw new RunDirectoryException(
          root,
          (Files.exists(root) ? "holds no run" : "no such directory")
              + ", allowed: a directory that a training wrote");
    }
    requireNoLinks(root);
  }

  /**
   * Refuses links where a run writes: a directory of a stranger's could lead anywhere by them.
   *
   * @throws RunDirectoryException if there is one
   */
  private static void requireNoLinks(Path root) throws IOException {
    for (String name : names(root)) {
      if (isOwn(name) || name.equals(RunLock.NAME)) {
        Files.walkFileTree(root.resolve(name), new NoLinks(root));
      }
    }
  }

  private static final class NoLinks extends SimpleFileVisitor<Path> {

    private final Path root;

    NoLinks(Path root) {
      this.root = root;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
        throws RunDirectoryException {
      if (attributes.isSymbolicLink()) {
        throw new RunDirectoryException(
            root, root.relativize(file) + " is a link, allowed: files and directories");
      }
      return FileVisitResult.CONTINUE;
    }

    /** A run that goes on replaces and deletes files: what has vanished is no link. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      if (e instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw e;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
      return e == null ? FileVisitResult.CONTINUE : visitFileFailed(directory, e);
    }
  }

  /** Refuses a place without an unfinished run of a kind. */
  static void requireUnfinished(Path root, RunContent kind) throws IOException {
    RunContent content = of(root);
    if (content == FINISHED_RUN) {
      throw new RunDirectoryException(root, "holds a finished run, allowed: an unfinished one");
    }
    if (content != kind) {
      throw new RunDirectoryException(
          root,
          content == UNFINISHED_SEARCH
              ? "holds a search, allowed: lcsc search --resume"
              : "holds a training, allowed: lcsc train --resume");
    }
  }

  /** Refuses a place on a disk with less free space, that of the run there counted as free. */
  static void requireSpace(Path root, long bytes) throws IOException {
    // Not Files.getFileStore, which fails where the root is no mount point, as in a chroot.
    long free = existing(root).toFile().getUsableSpace();
    for (String name : names(root)) {
      free += isOwn(name) ? size(root.resolve(name)) : 0;
    }
    if (free < bytes) {
      throw new RunDirectoryException(
          root,
          format(
              "too little space on its disk (%s free), needed: %s",
              gigabytes(free), gigabytes(bytes)));
    }
  }

  /** Deletes what a run writes; what says that there is a run, and of which kind, last. */
  static void deleteRun(Path root) throws IOException {
    List<String> own = new ArrayList<>(names(root));
    own.removeIf(name -> !isOwn(name) && !AtomicFiles.isTemporary(name));
    own.sort(Comparator.comparing(List.of(CONFIG, SEARCH)::indexOf));
    for (String name : own) {
      delete(root.resolve(name));
    }
  }

  /** Bytes of files; what vanishes meanwhile, since a run is at work there, has none. */
  private static long size(Path path) {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      long bytes = attributes.isRegularFile() ? attributes.size() : 0;
      if (attributes.isDirectory()) {
        for (String name : names(path)) {
          bytes += size(path.resolve(name));
        }
      }
      return bytes;
    } catch (IOException e) {
      return 0;
    }
  }

  /** Deletes a file or a directory with all that is in it. */
  static void delete(Path path) throws IOException {
    // Does not follow links: what one points to is not the run's.
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
        for (Path entry : entries) {
          delete(entry);
        }
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
    }
    Files.delete(path);
  }

  /** Names of what a directory holds; none where there is no directory. */
  static List<String> names(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static boolean isLeftover(String name) {
    return name.equals(RunLock.NAME)
        || name.equals(SEARCH)
        || name.startsWith(ProbeDirectory.PREFIX)
        || AtomicFiles.isTemporary(name);
  }

  private static String gigabytes(long bytes) {
    return format(bytes < 10_000_000 ? "%.3f GB" : "%.2f GB", bytes / 1e9);
  }
}
