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
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Text;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves a window's checkpoints beside the state of a training, each written once however often the
 * training is saved, and each with its checksum. Those of a window in memory or in a scratch file
 * become files of a directory, one each. A {@linkplain CheckpointWindowBuilder#durable durable}
 * window's file holds them already: it is only forced to the disk.
 *
 * <pre>{@code
 * archive.save(window, out); // the new checkpoints to the disk, the list of all to the state
 * // ... the state is moved into place ...
 * archive.saved(window); // frees what neither the state nor the window needs any more
 * }</pre>
 *
 * <p>In that order a kill at any moment leaves every checkpoint that the last state lists, as long
 * as a durable window is saved whenever {@link CheckpointWindow#overwritesSaved} says so. Not
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
    if (window.isDurable()) {
      window.store().force();
    } else {
      writeNew(window);
    }
    WindowIndex.of(window).write(index, window);
  }

  private void writeNew(CheckpointWindow window) throws IOException {
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
  }

  /**
   * Fills an empty window, each checkpoint in its slot, so that it merges to the same bits. A
   * checkpoint whose file is missing or damaged is logged and left out.
   *
   * @param window of the length and data type that was saved; a durable one with the same capacity
   *     and spare, on the file that it was saved with
   * @param index what {@link #save} wrote
   * @return iterations of the checkpoints left out, ascending
   * @throws IOException where the index is of another window; the window is then empty
   */
  public List<Long> restore(CheckpointWindow window, DataInputStream index) throws IOException {
    window.store();
    window.requireRestorable();
    WindowIndex list = WindowIndex.read(index, window);
    List<Long> leftOut = new ArrayList<>();
    if (window.isDurable() && !list.isAlike(window)) {
      throw new IOException(
          Text.format(
              "its window has %d slots for %d checkpoints, this one %d for %d",
              list.slots(), list.capacity(), window.ring().slotCount(), window.capacity()));
    }
    for (int k = list.surplus(window); k < list.entries().size(); k++) {
      WindowIndex.Entry entry = list.entries().get(k);
      long iteration = entry.iteration();
      int slot = list.slot(k, window);
      String fault =
          window.isDurable() ? verify(window, entry) : read(window, iteration, slot, entry);
      if (fault == null) {
        window.ring().place(iteration, slot, entry.checksum());
        written.add(iteration);
      } else {
        LOG.warn("checkpoint of iteration {} is left out of the window: {}", iteration, fault);
        leftOut.add(iteration);
      }
    }
    // Unlisted slots of a durable file may hold anything, and a NaN would spoil every product.
    for (int slot = 0; slot < window.ring().rows(); slot++) {
      if (!window.ring().isUsed(slot)) {
        window.store().clear(slot);
      }
    }
    window.markSaved();
    return leftOut;
  }

  /** Null where the checkpoint lies in its slot undamaged. */
  private static String verify(CheckpointWindow window, WindowIndex.Entry entry)
      throws IOException {
    return window.store().checksum(entry.slot()) == entry.checksum()
        ? null
        : window.file() + " is damaged there: its checksum is wrong";
  }

  /** Null where all went well, else what is wrong. */
  private String read(CheckpointWindow window, long iteration, int slot, WindowIndex.Entry entry) {
    String fault = fault(window, iteration, slot, entry.checksum());
    return fault == null ? null : file(iteration) + " " + fault;
  }

  private String fault(CheckpointWindow window, long iteration, int slot, long checksum) {
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(Files.newInputStream(file(iteration)), 1 << 16))) {
      if (in.readLong() != MAGIC || in.readLong() != iteration) {
        return "is no checkpoint of that iteration";
      }
      if (!CheckpointWindowFile.readCheckpoint(window, slot, checksum, in)) {
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
   * Frees what only earlier states needed: files of checkpoints that the window holds no more, or
   * slots of a durable window. To be called once a state that lists the present ones is in place.
   *
   * @throws IOException where the directory cannot be read or a file not be deleted
   */
  public void saved(CheckpointWindow window) throws IOException {
    window.markSaved();
    deleteOthers(window);
  }

  private void deleteOthers(CheckpointWindow window) throws IOException {
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
