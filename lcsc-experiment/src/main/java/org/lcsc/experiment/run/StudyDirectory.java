package org.lcsc.experiment.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32;
import org.lcsc.io.AtomicFiles;

/**
 * What a study goes on from: the directory {@code FILE.state} beside its CSV, locked until {@link
 * #close}. It says of which configuration, data and checkpoints the rows are, and holds the state
 * of the search that runs. It stays once the study is finished, so that further variants and seeds
 * can be added. Not thread-safe.
 */
public final class StudyDirectory implements AutoCloseable {

  private final Path csv;
  private final Path directory;
  private final RunLock lock;

  private StudyDirectory(Path csv, Path directory, RunLock lock) {
    this.csv = csv;
    this.directory = directory;
    this.lock = lock;
  }

  /**
   * Starts a study or goes on with one. A study that begins anew deletes the CSV and the states of
   * an earlier one; a study that goes on where there is neither begins.
   *
   * @param csv the study's file
   * @param identity of what the rows depend on: a study of another one is refused
   * @param resume whether to go on
   * @throws RunDirectoryException if another process works there, the place cannot be written, or
   *     the study to go on with is of another identity
   * @throws IOException if a file cannot be read, written or deleted
   */
  public static StudyDirectory open(Path csv, String identity, boolean resume) throws IOException {
    Path directory = csv.resolveSibling(csv.getFileName() + ".state");
    try {
      Files.createDirectories(directory.toAbsolutePath());
    } catch (IOException e) {
      throw new RunDirectoryException(directory, "cannot be made (" + RunLock.reason(e) + ")", e);
    }
    StudyDirectory study = new StudyDirectory(csv, directory, RunLock.acquire(directory));
    try {
      study.begin(identity, resume);
      return study;
    } catch (IOException | RuntimeException e) {
      study.close();
      throw e;
    }
  }

  private void begin(String identity, boolean resume) throws IOException {
    Path file = directory.resolve("identity.txt");
    if (resume && Files.exists(file)) {
      if (!Files.readString(file, StandardCharsets.UTF_8).equals(identity)) {
        throw new RunDirectoryException(
            csv,
            "is of another configuration, other data, checkpoints or marks, allowed: those that"
                + " the study began with, or no --resume");
      }
      return;
    }
    if (resume && Files.exists(csv)) {
      throw new RunDirectoryException(
          csv, "cannot be gone on with, " + file + " is missing, allowed: no --resume");
    }
    // In this order: where there is an identity, rows and states are of it.
    for (String name : RunContent.names(directory)) {
      if (!name.equals(RunLock.NAME)) {
        RunContent.delete(directory.resolve(name));
      }
    }
    Files.deleteIfExists(csv);
    AtomicFiles.writeString(file, identity);
  }

  /** The study's rows. */
  public Path csv() {
    return csv;
  }

  /** What the search of a variant with a seed goes on from. */
  public Path searchState(String variant, long seed) {
    return directory.resolve(name(variant, seed) + ".bin");
  }

  /** Every evaluation of that search. */
  public Path searchLog(String variant, long seed) {
    return directory.resolve(name(variant, seed) + ".csv");
  }

  /** Deletes state and log of a search, whose rows are written or which is to begin again. */
  public void deleteSearch(String variant, long seed) throws IOException {
    // The state first: without it the log is begun anew.
    Files.deleteIfExists(searchState(variant, seed));
    Files.deleteIfExists(searchLog(variant, seed));
  }

  /**
   * Variants hold characters that file names cannot; two of one sum are told apart by the state.
   */
  private static String name(String variant, long seed) {
    CRC32 sum = new CRC32();
    sum.update(variant.getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "search-%08x-%d", sum.getValue(), seed);
  }

  /**
   * Refuses to go on where the directory was taken away.
   *
   * @throws IOException if it is gone
   */
  public void requirePresent() throws IOException {
    if (!Files.exists(directory.resolve("identity.txt"))) {
      throw new IOException(directory + ": the directory of the study's state is gone");
    }
  }

  /** Lets go of the lock. */
  @Override
  public void close() {
    lock.close();
  }
}
