package org.lcsc.model;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.commons.io.function.IOBiFunction;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.io.ZipFiles;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The two parts of a Deeplearning4j model file that a checkpoint needs: configuration.json and
 * coefficients.bin. Nothing else is touched; in particular no Java object is deserialised, which
 * Deeplearning4j's own {@code ModelSerializer} does with a preprocessor.bin, classes named in the
 * configuration must be of {@link ModelTypes}, and lengths are checked before memory is taken: a
 * file from a stranger cannot run code. Messages say what is wrong and leave it to the caller to
 * name the file. Stateless and thread-safe.
 */
public final class ModelFile {

  /** A configuration of the largest networks takes some megabytes. */
  private static final int MAX_CONFIGURATION = 1 << 26;

  /** Parts above this size must not be packed by more than {@link #MAX_RATIO}. */
  private static final long MAX_PACKED = 1L << 28;

  /** Trained weights hardly pack at all. */
  private static final long MAX_RATIO = 100;

  private ModelFile() {}

  /**
   * The network's configuration, a JSON text.
   *
   * @throws IOException if there is no such file, it is no zip, or this part is missing or damaged
   */
  public static String configuration(Path file) throws IOException {
    return read(file, ModelSerializer.CONFIGURATION_JSON, (in, size) -> text(in));
  }

  private static String text(InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(MAX_CONFIGURATION + 1);
    if (bytes.length > MAX_CONFIGURATION) {
      throw new IOException(
          ModelSerializer.CONFIGURATION_JSON + " is larger than " + MAX_CONFIGURATION + " bytes");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * The network of a ComputationGraph's model file, without updater state and listeners.
   *
   * @throws IOException if there is no such file, it is no zip, a part is missing or damaged, names
   *     a class that {@link ModelTypes} refuses, or is no graph of these parameters
   */
  public static ComputationGraph graph(Path file) throws IOException {
    String json = configuration(file);
    return graph(json, parameters(file));
  }

  /**
   * The network of a model file, without updater state and listeners.
   *
   * @return a {@code ComputationGraph} or a {@code MultiLayerNetwork}
   * @throws IOException as {@link #graph(Path)} does
   */
  public static Model model(Path file) throws IOException {
    String json = configuration(file);
    if (new ModelConfiguration(json).isGraph()) {
      return graph(json, parameters(file));
    }
    return restored(
        new MultiLayerNetwork(ModelTypes.multiLayerConfiguration(json)),
        MultiLayerNetwork::init,
        parameters(file));
  }

  /**
   * The same of a model file in memory.
   *
   * @param content of the file
   */
  public static ComputationGraph graph(byte[] content) throws IOException {
    String json = null;
    INDArray parameters = null;
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(content))) {
      for (ZipEntry part = zip.getNextEntry(); part != null; part = zip.getNextEntry()) {
        if (part.getName().equals(ModelSerializer.CONFIGURATION_JSON)) {
          json = text(zip);
        } else if (part.getName().equals(ModelSerializer.COEFFICIENTS_BIN)) {
          parameters = StoredArray.read(zip, Math.max(MAX_PACKED, MAX_RATIO * content.length));
        }
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("a name in it is not readable", e);
    }
    Refuse.file(
        json == null || parameters == null,
        "it has no %s",
        json == null ? ModelSerializer.CONFIGURATION_JSON : ModelSerializer.COEFFICIENTS_BIN);
    return graph(json, parameters);
  }

  private static ComputationGraph graph(String json, INDArray parameters) throws IOException {
    return restored(
        new ComputationGraph(ModelTypes.graphConfiguration(json)),
        ComputationGraph::init,
        parameters);
  }

  private static <T extends Model> T restored(T network, Initialiser<T> init, INDArray parameters)
      throws IOException {
    try {
      init.init(network, parameters.reshape(parameters.length()), false);
      return network;
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      // Whatever Deeplearning4j throws on a network that cannot be, or has other parameters.
      throw new IOException("it does not restore (" + ModelTypes.firstLine(e) + ")", e);
    }
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
    return read(file, ModelSerializer.COEFFICIENTS_BIN, StoredArray::read);
  }

  /**
   * Copies the two parts and nothing else: whatever a file holds besides is not passed on.
   *
   * @param to must not exist
   * @throws IOException if a part is missing or damaged, or the copy cannot be written
   */
  public static void copy(Path file, Path to) throws IOException {
    try (ZipOutputStream zip =
        new ZipOutputStream(
            new BufferedOutputStream(Files.newOutputStream(to, StandardOpenOption.CREATE_NEW)))) {
      for (String name :
          List.of(ModelSerializer.CONFIGURATION_JSON, ModelSerializer.COEFFICIENTS_BIN)) {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(ZipFiles.ENTRY_TIME);
        zip.putNextEntry(entry);
        read(file, name, (in, size) -> in.transferTo(zip));
        zip.closeEntry();
      }
    }
  }

  /** How Deeplearning4j gives a network its parameters. */
  @FunctionalInterface
  private interface Initialiser<T> {
    void init(T network, INDArray parameters, boolean copy);
  }

  private static <T> T read(Path file, String name, IOBiFunction<InputStream, Long, T> reader)
      throws IOException {
    try (ZipFile zip = open(file)) {
      ZipEntry entry = entry(zip, name);
      if (entry.getSize() > MAX_PACKED
          && entry.getSize() / MAX_RATIO > Math.max(1, entry.getCompressedSize())) {
        throw new IOException(
            Text.format(
                "%s unpacks from %d to %d bytes, at most %d times as many are read",
                name, entry.getCompressedSize(), entry.getSize(), MAX_RATIO));
      }
      try (CheckedInputStream in =
          new CheckedInputStream(
              new BufferedInputStream(zip.getInputStream(entry), 1 << 16), new CRC32())) {
        T content;
        try {
          content = reader.apply(in, entry.getSize());
        } catch (RuntimeException | OutOfMemoryError e) {
          in.transferTo(OutputStream.nullOutputStream());
          if (e instanceof OutOfMemoryError && entry.getCrc() == in.getChecksum().getValue()) {
            throw e;
          }
          // What the array reader throws on bytes that are no array.
          throw new IOException(name + " is damaged (" + e.getClass().getSimpleName() + ")", e);
        }
        Refuse.file(in.skip(1) > 0, "%s is damaged: data follows its end", name);
        // ZipFile does not check this by itself.
        Refuse.file(
            entry.getCrc() != in.getChecksum().getValue(), "%s is damaged: wrong checksum", name);
        return content;
      }
    }
  }

  private static ZipFile open(Path file) throws IOException {
    Refuse.file(!Files.isRegularFile(file), "no such file");
    return ZipFiles.open(file);
  }

  private static ZipEntry entry(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    Refuse.file(entry == null || entry.getSize() == 0, "it has no %s", name);
    return entry;
  }
}
