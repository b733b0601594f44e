package org.lcsc.experiment.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory where a run is to be, for what is tried before the run begins. Closing it deletes it
 * with all that is in it, and the directories above it that were made for it. Not thread-safe.
 */
public final class ProbeDirectory implements AutoCloseable {

  /** What the name begins with. */
  static final String PREFIX = ".probe-";

  private static final Logger LOG = LoggerFactory.getLogger(ProbeDirectory.class);

  private final Path path;

  /** Those above it that were not there, the innermost first. */
  private final List<Path> made = new ArrayList<>();

  /**
   * Makes it.
   *
   * @param root the run directory, which may be missing
   * @throws RunDirectoryException where it cannot be made
   */
  public ProbeDirectory(Path root) throws IOException {
    Path absolute = root.toAbsolutePath().normalize();
    path = absolute.resolve(PREFIX + ProcessHandle.current().pid());
    for (Path above = absolute;
        !Files.exists(above, LinkOption.NOFOLLOW_LINKS);
        above = above.getParent()) {
      made.add(above);
    }
    try {
      // Not createTempDirectory: a scorer in a container may be another user.
      Files.createDirectories(path);
    } catch (IOException e) {
      close();
      throw new RunDirectoryException(root, "cannot be made (" + RunLock.reason(e) + ")", e);
    }
  }

  /** The directory. */
  public Path path() {
    return path;
  }

  /** Deletes it; what cannot be deleted stays. */
  @Override
  public void close() {
    try {
      if (Files.exists(path)) {
        RunContent.delete(path);
      }
      for (Path above : made) {
        Files.deleteIfExists(above);
      }
    } catch (IOException e) {
      LOG.debug("cannot delete {}", path, e);
    }
  }
}
