package org.lcsc.diffusion.features;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.function.IOConsumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.diffusion.features.FeatureNetworkConfig.Architecture;
import org.lcsc.image.ImageShape;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Refuse;
import org.lcsc.io.Sha256;
import org.lcsc.io.Text;
import org.lcsc.metrics.ClassifyingExtractor;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FeatureSource;
import org.lcsc.model.ModelFile;
import org.lcsc.network.GraphFeatureExtractor;

/**
 * Trained feature networks: those of this library and those in files. A network is a Deeplearning4j
 * model file without updater, {@code NAME.zip}, and its {@link FeatureNetworkCard}, {@code
 * NAME.properties}, beside it.
 *
 * <p>Thread-safe; the extractors it returns are not, each call returns a new one.
 */
public final class FeatureNetworks {

  /**
   * The space of a feature network.
   *
   * @param file the network
   */
  @Kind("network")
  public record Settings(String file) implements FeatureSource {

    /** Without a file, which has no default. */
    public Settings() {
      this(null);
    }

    @Override
    public List<String> endings() {
      return List.of(".zip");
    }

    @Override
    public String name() throws IOException {
      return read(Path.of(file)).card().name();
    }

    @Override
    public FeatureExtractor open(ImageShape shape) throws IOException {
      Trained network = read(Path.of(file));
      if (!network.card().shape().equals(shape)) {
        throw new IllegalArgumentException(
            file + ": takes images " + network.card().shape() + ", got " + shape);
      }
      return network.card().classes() > 0 ? network.classifyingExtractor() : network.extractor();
    }
  }

  /** Data sets and sides for which this library has a network of every architecture. */
  private static final List<String> DATA_SETS =
      List.of("digits-8", "fashion-mnist-16", "fashion-mnist-28", "cifar10-32");

  private static final List<String> NAMES =
      Stream.of(Architecture.values())
          .flatMap(architecture -> DATA_SETS.stream().map(architecture::named))
          .toList();

  /** Bounds the activations of one forward pass to some 30 MB at side 28. */
  private static final int BATCH = 256;

  private static final String MODEL = ".zip";
  private static final String CARD = ".properties";

  private FeatureNetworks() {}

  /** A trained network and its card. */
  public record Trained(ComputationGraph graph, FeatureNetworkCard card) {

    /** Its features, in copies of its parameters. */
    public FeatureExtractor extractor() {
      return new GraphFeatureExtractor(graph, card.layer(), card.name(), card.shape(), BATCH);
    }

    /** Its features, under the same id, with the probabilities of the classes. */
    public ClassifyingExtractor classifyingExtractor() {
      return GraphFeatureExtractor.classifying(
          graph, card.layer(), FeatureNetwork.OUTPUT, card.name(), card.shape(), BATCH);
    }
  }

  /**
   * The features of this library for a data set.
   *
   * @param dataset name of the data set, for example {@code fashion-mnist}
   * @param shape shape of the images
   * @throws IllegalArgumentException where there is no network for these images; the message names
   *     those there are
   */
  public static ClassifyingExtractor forDataSet(String dataset, ImageShape shape) {
    return trained(dataset, shape, Architecture.FINE).classifyingExtractor();
  }

  /**
   * The network of this library for a data set, classifier included.
   *
   * @throws IllegalArgumentException as in {@link #forDataSet}
   */
  public static Trained trained(String dataset, ImageShape shape, Architecture architecture) {
    if (!exists(dataset, shape, architecture)) {
      throw new IllegalArgumentException(
          Text.format(
              "no feature network for data set %s with images %s; there are %s (name and side), and"
                  + " lcsc train-features trains another",
              dataset, shape, String.join(", ", NAMES)));
    }
    String name = FeatureNetworkCard.name(dataset, shape, architecture);
    try {
      return read(name + MODEL, resource(name + MODEL), ownCard(name));
    } catch (IOException e) {
      throw new IllegalStateException("feature network of this library: " + Text.reason(e), e);
    }
  }

  /** Whether {@link #trained} has such a network. */
  public static boolean exists(String dataset, ImageShape shape, Architecture architecture) {
    String name = FeatureNetworkCard.name(dataset, shape, architecture);
    return NAMES.contains(name) && ownCard(name).shape().equals(shape);
  }

  /** Names of the networks of this library: data set, side and architecture where not fine. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * Reads a network, classifier included.
   *
   * @param model {@code NAME.zip}, with {@code NAME.properties} beside it
   * @throws IOException where a file is missing, damaged, or the two do not belong together; the
   *     message is one line
   */
  public static Trained read(Path model) throws IOException {
    Path card = cardOf(model);
    for (Path file : List.of(model, card)) {
      if (!Files.isRegularFile(file)) {
        throw new IOException(
            file + ": no such file; a feature network is NAME.zip with NAME.properties beside it");
      }
    }
    return read(
        model.toString(),
        Files.readAllBytes(model),
        card(card.toString(), Files.readString(card, StandardCharsets.UTF_8)));
  }

  /**
   * Writes a network and its card. Each file appears whole or not at all; the card, which names the
   * parameters' hash, comes last.
   *
   * @param directory created where it is missing
   * @return the model file
   * @throws IOException where a file cannot be written
   */
  public static Path write(Path directory, Trained network) throws IOException {
    Path model = directory.resolve(network.card().name() + MODEL);
    Map<Path, IOConsumer<Path>> files = new LinkedHashMap<>();
    files.put(model, whole -> network.graph().save(whole.toFile(), false));
    files.put(cardOf(model), whole -> Files.writeString(whole, network.card().toProperties()));
    AtomicFiles.writeAll(files);
    return model;
  }

  private static Path cardOf(Path model) throws IOException {
    String file = model.getFileName().toString();
    Refuse.file(
        !file.endsWith(MODEL), "%s: a feature network's file name must end in %s", model, MODEL);
    return model.resolveSibling(file.substring(0, file.length() - MODEL.length()) + CARD);
  }

  private static FeatureNetworkCard card(String name, String properties) throws IOException {
    return FeatureNetworkCard.read(new StringReader(properties), name);
  }

  /** The card of a network of this library. */
  private static FeatureNetworkCard ownCard(String name) {
    try {
      return card(name + CARD, new String(resource(name + CARD), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException("feature network of this library: " + Text.reason(e), e);
    }
  }

  private static Trained read(String name, byte[] model, FeatureNetworkCard card)
      throws IOException {
    ComputationGraph graph;
    try {
      graph = ModelFile.graph(model);
    } catch (IOException e) {
      throw new IOException(
          name + ": not a Deeplearning4j model file of a ComputationGraph (" + e.getMessage() + ")",
          e);
    }
    Refuse.file(
        !Sha256.of(graph.params()).equals(card.parametersSha256()),
        "%s: its parameters are not those of its properties file: train it again",
        name);
    return new Trained(graph, card);
  }

  private static byte[] resource(String file) throws IOException {
    try (InputStream in = FeatureNetworks.class.getResourceAsStream(file)) {
      Refuse.file(in == null, "%s is not on the class path", file);
      return in.readAllBytes();
    }
  }
}
