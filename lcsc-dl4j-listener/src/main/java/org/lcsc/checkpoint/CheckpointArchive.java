package org.lcsc.checkpoint;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.lcsc.files.AtomicFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A window's checkpoints as files of a directory, one each with its checksum, so that a training
 * saved every few minutes writes every checkpoint once.
 *
 * <pre>{@code
 * archive.save(window, out); // the new checkpoints to files, the list of all to the state
 * // ... the state is moved into place ...
 * archive.deleteOthers(window); // what neither the state nor the window needs any more
 * }</pre>
 *
 * <p>In that order a kill at any moment leaves every file that the last state lists. Not
 * thread-safe.
 */
public final class CheckpointArchive {

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointArchive.class);

  private static final long MAGIC = 0x4c4353432d434b31L; // "LCSC-CK1"

  private final Path directory;

  /** Iterations whose files hold this training's checkpoints; others may be of a killed part. */
  private final Set<Long> written = new HashSet<>();

  /**
   * An archive.
   *
   * @param directory for this window alone; created when first needed
   */
  public CheckpointArchive(Path directory) {
    this.directory = Objects.requireNonNull(directory, "directory");
  }

  /**
   * Writes the checkpoints that have no file yet, and lists all.
   *
   * @param window the window
   * @param index receives what {@link #restore} reads
   * @throws IOException where a file cannot be written
   */
  public void save(CheckpointWindow window, DataOutputStream index) throws IOException {
    long[] iterations = window.iterations();
    for (int k = 0; k < iterations.length; k++) {
      long iteration = iterations[k];
      int checkpoint = k;
      Path file = file(iteration);
      if (written.contains(iteration) && Files.exists(file)) {
        continue;
      }
      AtomicFiles.write(
          file,
          stream -> {
            DataOutputStream out = new DataOutputStream(stream);
            out.writeLong(MAGIC);
            out.writeLong(iteration);
            CheckpointWindowFile.writeCheckpoint(window, checkpoint, out);
          });
      written.add(iteration);
    }
    WindowIndex.of(window).write(index, window);
  }

  /**
   * Fills an empty window, each checkpoint in its slot, so that it merges to the same bits. A
   * checkpoint whose file is missing or damaged is logged and left out.
   *
   * @param window of the length and data type that was saved
   * @param index what {@link #save} wrote
   * @return iterations of the checkpoints left out, ascending
   * @throws IOException where the index is of another window; the window is then empty
   */
  public List<Long> restore(CheckpointWindow window, DataInputStream index) throws IOException {
    window.store();
    window.requireRestorable();
    WindowIndex list = WindowIndex.read(index, window);
    List<Long> leftOut = new ArrayList<>();
    for (int k = list.surplus(window); k < list.entries().size(); k++) {
      long iteration = list.entries().get(k).iteration();
      int slot = list.slot(k, window);
      String fault = read(window, iteration, slot);
      if (fault == null) {
        window.ring().place(iteration, slot);
        written.add(iteration);
      } else {
        LOG.warn(
            "checkpoint of iteration {} is left out of the window: {} {}",
            iteration,
            file(iteration),
            fault);
        leftOut.add(iteration);
      }
    }
    return leftOut;
  }

  /** Null where all went well, else what is wrong. */
  private String read(CheckpointWindow window, long iteration, int slot) {
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(Files.newInputStream(file(iteration)), 1 << 16))) {
      if (in.readLong() != MAGIC || in.readLong() != iteration) {
        return "is no checkpoint of that iteration";
      }
      if (!CheckpointWindowFile.readCheckpoint(window, slot, in)) {
        return "is damaged: its checksum is wrong";
      }
      return in.read() < 0 ? null : "is damaged: it is too long";
    } catch (NoSuchFileException e) {
      return "is missing";
    } catch (EOFException e) {
      return "is cut short";
    } catch (IOException e) {
      return "cannot be read: " + e.getMessage();
    }
  }

  /**
   * Deletes the files of checkpoints that the window holds no more. To be called once a state that
   * lists the present ones is in place.
   *
   * @throws IOException where the directory cannot be read or a file not be deleted
   */
  public void deleteOthers(CheckpointWindow window) throws IOException {
    Set<Path> needed = new HashSet<>();
    Set<Long> held = new HashSet<>();
    for (long iteration : window.iterations()) {
      held.add(iteration);
      needed.add(file(iteration));
    }
    written.retainAll(held);
    if (!Files.isDirectory(directory)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> entries = Files.list(directory)) {
      files = entries.filter(entry -> !needed.contains(entry)).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }

  private Path file(long iteration) {
    return directory.resolve("iteration-" + iteration + ".bin");
  }
}
