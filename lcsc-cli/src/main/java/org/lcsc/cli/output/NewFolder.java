package org.lcsc.cli.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;
import org.apache.commons.io.function.IOConsumer;

/** A folder that appears whole or not at all. Stateless and thread-safe. */
public final class NewFolder {

  private NewFolder() {}

  /**
   * Writes a folder.
   *
   * @param folder not there yet
   * @param writer fills a folder beside it, which then gets its name
   * @throws IOException where it cannot be written; nothing is left of it then
   */
  public static void write(Path folder, IOConsumer<Path> writer) throws IOException {
    Path absolute = folder.toAbsolutePath();
    Path begun =
        absolute.resolveSibling(
            "." + absolute.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    // In a container a process that was killed may have had the same number.
    FileUtils.deleteDirectory(begun.toFile());
    Files.createDirectories(begun);
    try {
      writer.accept(begun);
      Files.move(begun, absolute);
    } finally {
      FileUtils.deleteQuietly(begun.toFile());
    }
  }
}
