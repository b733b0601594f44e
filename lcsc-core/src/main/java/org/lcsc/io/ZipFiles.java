package org.lcsc.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Opens zip files from strangers, and what entries of our own share.
 *
 * <p>Thread-safe: it has no state.
 */
public final class ZipFiles {

  /**
   * Of every entry that is written: the zip format's zero, so that equal contents make equal files
   * in every time zone.
   */
  public static final LocalDateTime ENTRY_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private ZipFiles() {}

  /**
   * Opens a zip file of a format.
   *
   * @param other what to say of a file that {@link #open(Path)} refuses, before its reason
   * @return to be closed by the caller
   * @throws IOException where it is missing or refused; the message names it
   */
  public static ZipFile open(Path file, String other) throws IOException {
    Refuse.file(!Files.isRegularFile(file), "%s: no such file", file);
    try {
      return open(file);
    } catch (IOException e) {
      throw new IOException(file + ": " + other + ": " + e.getMessage(), e);
    }
  }

  /**
   * Opens a zip file of which every member can be asked for.
   *
   * @return to be closed by the caller
   * @throws IOException if it is no zip file, or a name or a comment in it is no text, which {@link
   *     ZipFile#getEntry} answers with an IllegalArgumentException
   */
  public static ZipFile open(Path file) throws IOException {
    try {
      ZipFile zip = new ZipFile(file.toFile());
      try {
        zip.stream().forEach(entry -> {});
        return zip;
      } catch (RuntimeException e) {
        zip.close();
        throw e;
      }
    } catch (IllegalArgumentException e) {
      ZipException damaged = new ZipException("a name or comment in it is not readable");
      damaged.initCause(e);
      throw damaged;
    }
  }
}
