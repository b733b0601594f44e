package org.lcsc.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Parts;
import org.lcsc.config.YamlConfig;
import org.lcsc.datasets.DataSetSettings;
import org.lcsc.datasets.Split;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.released.ReleasedFile;
import org.lcsc.diffusion.released.ReleasedNames;
import org.lcsc.diffusion.released.ReleasedNetwork;
import org.lcsc.diffusion.unet.NcsnppConfig;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.diffusion.unet.UNetShape;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.model.ModelFile;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * Released weights in a network of this library.
 *
 * @param model settings of the model
 * @param images that it is for
 * @param network with the weights
 */
public record ReleasedModel(
    GenerativeModel model, NetworkBody.Images images, ComputationGraph network) {

  /** Section {@code model} of a configuration. */
  public record Section(GenerativeModel model) {}

  /** The section {@code model} of a configuration that it fits. */
  public String toYaml() {
    return YamlConfig.toYaml(new Section(model));
  }

  /**
   * Reads a released file into a network of its own.
   *
   * @param path the file
   * @param as how its tensors are named; null where the names alone tell it
   * @param told what the file does not tell, by the key of {@code as}; values may be null
   * @param modelKind kind of the model; null for what such files usually are
   * @throws InvalidInputException where the file cannot be used
   */
  public static ReleasedModel read(
      Path path, String as, Map<String, Object> told, String modelKind) {
    return InvalidInputException.reading(
        () -> {
          try (ReleasedFile file = ReleasedFile.open(path)) {
            ReleasedNames kind =
                as == null ? file.kind() : Parts.named(ReleasedNames.class, "--as", as);
            kind = Parts.with(kind, told);
            ReleasedNetwork found = kind.network(file);
            found.body().checkSide(found.images().side());
            GenerativeModel model = model(found, modelKind);
            ComputationGraph network = network(model, found.images());
            file.copyTo(kind, found.body(), network, found.images().side());
            return new ReleasedModel(model, found.images(), network);
          } catch (InvalidValueException e) {
            throw new InvalidInputException(path + ": " + e.getMessage());
          }
        });
  }

  private static GenerativeModel model(ReleasedNetwork found, String kind) {
    GenerativeModel usual =
        Parts.named(GenerativeModel.class, "--model", kind == null ? found.model() : kind);
    Set<String> keys =
        Stream.of(usual.getClass().getRecordComponents())
            .map(component -> component.getName())
            .collect(Collectors.toSet());
    Map<String, Object> values = new HashMap<>();
    values.put("unet", found.body());
    if (keys.contains("sigmaData")) {
      values.put("sigmaData", ReleasedNetwork.SIGMA_DATA);
    }
    if (keys.contains("networkTime")) {
      values.put("networkTime", found.networkTime());
    }
    return Parts.with(usual, values);
  }

  private static ComputationGraph network(GenerativeModel model, NetworkBody.Images images) {
    ComputationGraph network =
        new ComputationGraph(
            UNet.configuration(
                model.unet(),
                images,
                model.preconditioning(null),
                new SquaredError(),
                new NoOp(),
                0,
                DataType.FLOAT));
    network.init();
    return network;
  }

  /**
   * The parameters of a configuration's model file or released file.
   *
   * @param key of the configuration, for messages
   * @param network of the configuration; left alone
   * @param side of its images in pixels
   * @throws InvalidInputException where the file cannot be used
   */
  static INDArray parameters(
      String key, Path path, GenerativeModel model, ComputationGraph network, int side) {
    if (!ReleasedFile.isOne(path)) {
      return LoadedModel.loadSingle(path, network);
    }
    InvalidInputException.when(!Files.exists(path), "%s: %s: no such file", key, path);
    return InvalidInputException.reading(
        () -> {
          ComputationGraph copy = network.clone();
          try (ReleasedFile file = ReleasedFile.open(path)) {
            file.copyTo(file.kind(), shape(model), copy, side);
          } catch (IllegalArgumentException e) {
            throw new InvalidInputException(key + ": " + path + ": " + e.getMessage());
          }
          return copy.params();
        });
  }

  private static UNetShape shape(GenerativeModel model) {
    if (model.unet() instanceof UNetShape shape) {
      return shape;
    }
    throw new IllegalArgumentException(
        "no code base has a network of architecture " + model.unet().kind());
  }

  /**
   * Writes a network's weights under the names of a code base, straight to the path.
   *
   * @param as of which
   * @param config of the network
   * @param metadata texts beside the tensors
   * @return text of the file {@code config.json} that belongs beside them; null for none
   * @throws IllegalArgumentException where the code base has no such network
   * @throws IOException where the file cannot be written, or the images not be read
   */
  public static String write(
      Path file,
      String as,
      RunConfig config,
      ComputationGraph network,
      Map<String, String> metadata)
      throws IOException {
    ReleasedNames kind = Parts.named(ReleasedNames.class, "--as", as);
    UNetShape body = shape(config.model());
    int side = config.dataset().known().map(DataSetSettings.Known::side).orElse(0);
    if (side == 0) {
      side = config.dataset().load(Split.TRAIN).shape().height();
    }
    ReleasedFile.write(file, kind, body, network, side, metadata);
    return kind.configuration(body, network, side);
  }

  /** The files that a training begins with, by key: of these weights, and of the teacher's. */
  private static Map<String, Path> files(RunConfig config) {
    Map<String, Path> files = new HashMap<>();
    if (config.training().from() != null) {
      files.put("training.from", Path.of(config.training().from()));
    }
    if (config.model().teacher() != null) {
      files.put("model.teacher", Path.of(config.model().teacher()));
    }
    files.values().removeIf(file -> !Files.isRegularFile(file));
    return files;
  }

  /**
   * Refuses released files that are not of the configuration's network, as far as they are there
   * and the images are known without their files.
   *
   * @throws InvalidInputException in one line
   */
  public static void check(RunConfig config) {
    DataSetSettings.Known known = config.dataset().known().orElse(null);
    if (known == null || known.channels() == 0) {
      return;
    }
    RunConfig whole = withFrequencies(config);
    for (Map.Entry<String, Path> entry : files(config).entrySet()) {
      if (ReleasedFile.isOne(entry.getValue())) {
        ComputationGraph network =
            new ComputationGraph(
                UNet.configuration(
                    whole.model().unet(),
                    new NetworkBody.Images(known.channels(), known.side(), known.classes()),
                    new SquaredError(),
                    new NoOp(),
                    0,
                    DataType.FLOAT));
        network.init();
        parameters(entry.getKey(), entry.getValue(), whole.model(), network, known.side());
      }
    }
  }

  /**
   * The configuration with the frequencies of the Fourier features of the network that its training
   * begins with, where they are others than this library's: its weights mean nothing with others.
   *
   * @throws InvalidInputException where a file cannot be read
   */
  static RunConfig withFrequencies(RunConfig config) {
    if (!(config.model().unet() instanceof NcsnppConfig body) || body.frequencies() != null) {
      return config;
    }
    List<Double> own = body.usualFrequencies();
    for (Path file : files(config).values()) {
      List<Double> found = InvalidInputException.reading(() -> frequencies(file));
      if (found.size() == own.size() && !found.equals(own)) {
        return config.with(
            Parts.with(
                config.model(), Map.of("unet", Parts.with(body, Map.of("frequencies", found)))));
      }
    }
    return config;
  }

  private static List<Double> frequencies(Path path) throws IOException {
    if (ReleasedFile.isOne(path)) {
      try (ReleasedFile file = ReleasedFile.open(path)) {
        return file.frequencies();
      }
    }
    if (path.toString().endsWith(".json")) {
      return List.of();
    }
    JsonNode found =
        new ObjectMapper().readTree(ModelFile.configuration(path)).findValue("frequencies");
    List<Double> frequencies = new ArrayList<>();
    if (found != null) {
      found.forEach(number -> frequencies.add(number.asDouble()));
    }
    return frequencies;
  }
}
