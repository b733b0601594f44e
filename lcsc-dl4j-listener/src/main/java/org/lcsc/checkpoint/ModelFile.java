package org.lcsc.checkpoint;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The two parts of a Deeplearning4j model file that a checkpoint needs: configuration.json and
 * coefficients.bin. Nothing else is touched; in particular no Java object is deserialised, so a
 * file from a stranger cannot run code. Messages say what is wrong and leave it to the caller to
 * name the file. Stateless and thread-safe.
 */
public final class ModelFile {

  private ModelFile() {}

  /**
   * The network's configuration, a JSON text.
   *
   * @throws IOException if there is no such file, it is no zip, or this part is missing or damaged
   */
  public static String configuration(Path file) throws IOException {
    return read(
        file,
        ModelSerializer.CONFIGURATION_JSON,
        in -> new String(in.readAllBytes(), StandardCharsets.UTF_8));
  }

  /**
   * Where two configurations differ, counters of iterations and epochs aside.
   *
   * @param configuration of a ComputationGraph or MultiLayerNetwork, a JSON text
   * @param other to compare with
   * @param ignored names of fields that may differ too, wherever they are
   * @return path and both values, {@code "/vertices/a/layerConf/layer/nout is 8 and 16"}; null if
   *     they do not differ
   * @throws IOException if one of them is no configuration
   */
  public static String difference(String configuration, String other, Set<String> ignored)
      throws IOException {
    return new ModelConfiguration(configuration).difference(new ModelConfiguration(other), ignored);
  }

  /** Fails unless the parameters are in the file; does not read them. */
  static void requireParameters(Path file) throws IOException {
    try (ZipFile zip = open(file)) {
      entry(zip, ModelSerializer.COEFFICIENTS_BIN);
    }
  }

  /**
   * The flat parameters, P elements in one row.
   *
   * @throws IOException if there is no such file, it is no zip, or this part is missing or damaged
   */
  public static INDArray parameters(Path file) throws IOException {
    return read(file, ModelSerializer.COEFFICIENTS_BIN, in -> Nd4j.read(new DataInputStream(in)));
  }

  @FunctionalInterface
  private interface Reader<T> {

    T read(InputStream in) throws IOException;
  }

  private static <T> T read(Path file, String name, Reader<T> reader) throws IOException {
    try (ZipFile zip = open(file)) {
      ZipEntry entry = entry(zip, name);
      try (CheckedInputStream in =
          new CheckedInputStream(
              new BufferedInputStream(zip.getInputStream(entry), 1 << 16), new CRC32())) {
        T content;
        try {
          content = reader.read(in);
        } catch (RuntimeException | OutOfMemoryError e) {
          // What the array reader throws on bytes that are no array.
          throw new IOException(name + " is damaged (" + e.getClass().getSimpleName() + ")", e);
        }
        in.transferTo(OutputStream.nullOutputStream());
        // ZipFile does not check this by itself.
        if (entry.getCrc() != in.getChecksum().getValue()) {
          throw new IOException(name + " is damaged: wrong checksum");
        }
        return content;
      }
    }
  }

  private static ZipFile open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("no such file");
    }
    return new ZipFile(file.toFile());
  }

  private static ZipEntry entry(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null || entry.getSize() == 0) {
      throw new IOException("it has no " + name);
    }
    return entry;
  }
}
