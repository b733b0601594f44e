package org.lcsc.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads text files.
 *
 * <p>Stateless and thread-safe.
 */
public final class TextFiles {

  private TextFiles() {}

  /**
   * Reads a file of UTF-8 text.
   *
   * @param maxBytes a longer file is refused before it is read
   * @throws IOException where it is missing, a directory, longer or no UTF-8; the message is one
   *     line that names the file
   */
  public static String read(Path file, int maxBytes) throws IOException {
    Refuse.file(Files.isDirectory(file), "%s: is a directory, allowed: a text file", file);
    byte[] bytes;
    // Not Files.size: a pipe has none, and a file may grow.
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(maxBytes + 1);
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new IOException(file + ": permission denied", e);
    } catch (IOException e) {
      throw new IOException(file + ": cannot be read: " + e.getMessage(), e);
    }
    Refuse.file(bytes.length > maxBytes, "%s: is too long, allowed: %s bytes", file, maxBytes);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": is not UTF-8 text", e);
    }
  }
}
