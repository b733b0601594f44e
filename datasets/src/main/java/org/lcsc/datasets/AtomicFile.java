package org.lcsc.datasets;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that appears whole or not at all: written beside its place, synchronised to disk, renamed.
 * Closing without {@link #commit()} leaves nothing. Not thread-safe; several processes may write
 * the same file, the last to commit wins.
 */
final class AtomicFile implements AutoCloseable {

  private final Path target;
  private final Path aside;
  private boolean committed;

  /** Creates the directories above {@code target} and an empty file beside it. */
  AtomicFile(Path target) throws IOException {
    this.target = target.toAbsolutePath();
    Files.createDirectories(this.target.getParent());
    this.aside =
        Files.createTempFile(this.target.getParent(), "." + target.getFileName() + "-", ".part");
  }

  /** The file to write to. */
  Path aside() {
    return aside;
  }

  /** Puts the file in its place. */
  void commit() throws IOException {
    try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    try {
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(aside, target, StandardCopyOption.REPLACE_EXISTING);
    }
    committed = true;
  }

  @Override
  public void close() throws IOException {
    if (!committed) {
      Files.deleteIfExists(aside);
    }
  }
}
