package org.lcsc.io;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** NumPy's {@code .npz}: a zip of named {@code .npy} arrays. Not thread-safe. */
public final class NpzArchive implements AutoCloseable {

  private static final long MAX_DEFLATION = 1032;

  /** Largest number of elements of a vector. */
  private static final int MAX_VECTOR = 1 << 20;

  private final Path file;
  private final ZipFile zip;

  private NpzArchive(Path file, ZipFile zip) {
    this.file = file;
    this.zip = zip;
  }

  /**
   * Opens an archive.
   *
   * @throws IOException where the file is missing or no zip
   */
  public static NpzArchive open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such .npz file");
    }
    try {
      return new NpzArchive(file, ZipFiles.open(file));
    } catch (IOException e) {
      throw new IOException(file + ": not a .npz archive: " + Text.reason(e), e);
    }
  }

  public boolean contains(String name) {
    return zip.getEntry(name + ".npy") != null;
  }

  /**
   * Reads an array.
   *
   * @param maxLength largest number of elements to accept
   * @throws IOException where it is missing, larger, damaged or of a type that is not supported
   */
  public NpyArray read(String name, int maxLength) throws IOException {
    try (ArrayStream array = stream(name)) {
      try {
        // The size is what the archive says, deflate makes of a byte no more than that.
        long size = Math.min(array.entry.getSize(), MAX_DEFLATION * Files.size(file));
        NpyArray values = NpyArray.read(array.in, array.readHeader(maxLength), size);
        array.end();
        return values;
      } catch (IOException e) {
        throw array.failure(e);
      }
    }
  }

  /**
   * Reads numbered vectors: {@code prefix0}, {@code prefix1} ...
   *
   * @param file the archive
   * @param prefix what the arrays' names begin with
   * @param count how many
   * @return their values; axes of length 1 do not matter
   * @throws IOException where the file is missing, damaged or without such an array
   */
  public static List<float[]> vectors(Path file, String prefix, int count) throws IOException {
    List<float[]> vectors = new ArrayList<>();
    try (NpzArchive archive = open(file)) {
      for (int i = 0; i < count; i++) {
        NpyArray array = archive.read(prefix + i, MAX_VECTOR);
        if (Arrays.stream(array.shape()).filter(extent -> extent != 1).count() > 1) {
          throw new IOException(
              file + ": " + prefix + i + " must be a vector, got shape " + array.shapeText());
        }
        float[] floats = new float[array.length()];
        for (int k = 0; k < floats.length; k++) {
          floats[k] = (float) array.doubles()[k];
        }
        vectors.add(floats);
      }
    }
    return vectors;
  }

  /** Names of the arrays, in the order of the file. */
  public List<String> names() {
    return zip.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.endsWith(".npy"))
        .map(name -> name.substring(0, name.length() - ".npy".length()))
        .toList();
  }

  /**
   * Opens an array without reading it.
   *
   * @return to be closed by the caller
   * @throws IOException where it is missing
   */
  public ArrayStream stream(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name + ".npy");
    Refuse.file(entry == null, "%s: holds no array '%s'", file, name);
    return new ArrayStream(name, entry);
  }

  /** An array on its way: its header, then its values as they lie in the file. */
  public final class ArrayStream implements AutoCloseable {

    private final String name;
    private final ZipEntry entry;
    private final CheckedInputStream checked;
    private final DataInputStream in;

    private ArrayStream(String name, ZipEntry entry) throws IOException {
      this.name = name;
      this.entry = entry;
      this.checked =
          new CheckedInputStream(
              new BufferedInputStream(zip.getInputStream(entry), 1 << 16), new CRC32());
      this.in = new DataInputStream(checked);
    }

    /**
     * Reads up to the first value.
     *
     * @param maxLength largest number of elements to accept
     * @throws IOException where this is no array, or a larger one; the message names both
     */
    public NpyArray.Header header(long maxLength) throws IOException {
      try {
        return readHeader(maxLength);
      } catch (IOException e) {
        throw failure(e);
      }
    }

    private NpyArray.Header readHeader(long maxLength) throws IOException {
      return NpyArray.readHeader(in, maxLength);
    }

    /**
     * Reads the next bytes, filling {@code target}.
     *
     * @param last whether these are the last of the array, so that its checksum must be right
     * @throws IOException where the array ends early or is damaged; the message names both
     */
    public void read(byte[] target, boolean last) throws IOException {
      try {
        in.readFully(target);
        if (last) {
          end();
        }
      } catch (IOException e) {
        throw failure(e);
      }
    }

    private void end() throws IOException {
      Refuse.file(in.read() != -1, "data follows the array");
      // ZipFile itself leaves the checksum unchecked.
      Refuse.file(
          checked.getChecksum().getValue() != entry.getCrc(),
          "the checksum does not match, the file is damaged");
    }

    private IOException failure(IOException e) {
      return new IOException(file + ": array '" + name + "': " + Text.reason(e), e);
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }

  /** Writes an archive, which appears whole or not at all. */
  public static void write(Path file, Map<String, NpyArray> arrays) throws IOException {
    AtomicFiles.write(
        file,
        out -> {
          ZipOutputStream zip = new ZipOutputStream(out);
          for (Map.Entry<String, NpyArray> array : arrays.entrySet()) {
            ZipEntry entry = new ZipEntry(array.getKey() + ".npy");
            entry.setTimeLocal(ZipFiles.ENTRY_TIME);
            zip.putNextEntry(entry);
            array.getValue().write(zip);
            zip.closeEntry();
          }
          zip.finish();
        });
  }
}
