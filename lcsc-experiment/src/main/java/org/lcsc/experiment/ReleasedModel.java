package org.lcsc.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Parts;
import org.lcsc.config.Printable;
import org.lcsc.config.YamlConfig;
import org.lcsc.config.YamlNames;
import org.lcsc.datasets.DataSetSettings;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.model.DiffusionModel;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.released.ReleasedFile;
import org.lcsc.diffusion.released.ReleasedNames;
import org.lcsc.diffusion.released.ReleasedNetwork;
import org.lcsc.diffusion.unet.AdmConfig;
import org.lcsc.diffusion.unet.NcsnppConfig;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.diffusion.unet.UNetShape;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Text;
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

  private static final String TEACHER = "model.teacher";

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
            requireParameterisation("--model", kind, model);
            ComputationGraph network = network(model, found.images());
            file.copyTo(kind, found.body(), network, found.images().side());
            return new ReleasedModel(model, found.images(), network);
          } catch (InvalidValueException e) {
            throw new InvalidInputException(path + ": " + e.getMessage());
          }
        });
  }

  /**
   * What the model takes for granted of the weights because files of such names do not tell it;
   * null where they do.
   */
  public String assumption() {
    if (model.networkTime() != null) {
      return null;
    }
    return "that the network predicts "
        + (model instanceof DiffusionModel chain
            ? chain.prediction().name().toLowerCase(Locale.ROOT) + " (model.prediction)"
            : "what model.kind " + model.kind() + " says");
  }

  /**
   * Refuses to take weights for those of a model that gives its network something else.
   *
   * @param key what the message calls the weights
   */
  private static void requireParameterisation(
      String key, ReleasedNames names, GenerativeModel model) {
    if (names.networkTime() == model.networkTime()) {
      return;
    }
    boolean levels = names.networkTime() != null;
    List<String> allowed =
        Parts.of(GenerativeModel.class).values().stream()
            .filter(kind -> hasLevels(kind) == levels)
            .map(GenerativeModel::kind)
            .toList();
    throw new InvalidInputException(
        Text.format(
            "%s: weights that %s names are of a network of %s, a model of kind %s gives it %s,"
                + " allowed: model.kind %s%s",
            key,
            names.kind(),
            text(names.networkTime()),
            model.kind(),
            text(model.networkTime()),
            String.join(" or ", allowed),
            levels ? " with networkTime: " + YamlNames.of(names.networkTime()) : ""));
  }

  private static boolean hasLevels(GenerativeModel model) {
    return keys(model).contains("networkTime");
  }

  private static String text(NetworkTime time) {
    return time == null ? "time steps" : "noise levels (" + YamlNames.of(time) + ")";
  }

  private static Set<String> keys(GenerativeModel model) {
    return Stream.of(model.getClass().getRecordComponents())
        .map(component -> component.getName())
        .collect(Collectors.toSet());
  }

  private static GenerativeModel model(ReleasedNetwork found, String kind) {
    GenerativeModel usual =
        Parts.named(GenerativeModel.class, "--model", kind == null ? found.model() : kind);
    Set<String> keys = keys(usual);
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
      return naming(key, () -> LoadedModel.loadSingle(path, network));
    }
    InvalidInputException.when(!Files.exists(path), "%s: %s: no such file", key, path);
    return naming(
        key,
        () -> {
          ComputationGraph copy = network.clone();
          try (ReleasedFile file = ReleasedFile.open(path)) {
            UNetShape body = shape(model);
            requireOneKind(key, file, body, model, side);
            requireParameterisation(path.toString(), file.kind(), model);
            file.copyTo(file.kind(), body, copy, side);
          } catch (IllegalArgumentException e) {
            throw new InvalidInputException(path + ": " + e.getMessage());
          }
          return copy.params();
        });
  }

  /** What tells {@code lcsc import} the attention heads of a network. */
  private static String heads(UNetShape body) {
    if (body instanceof AdmConfig adm) {
      return "--head-channels " + adm.headChannels();
    }
    return body instanceof UNetConfig unet && unet.headChannels() != null
        ? "--head-channels " + unet.headChannels()
        : "--heads " + (body instanceof UNetConfig unet ? unet.heads() : 1);
  }

  /** Reads a file that a key of the configuration names: what is wrong with it begins with it. */
  private static <T> T naming(String key, InvalidInputException.Reading<T> reading) {
    try {
      return InvalidInputException.reading(reading);
    } catch (InvalidInputException e) {
      throw new InvalidInputException(key + ": " + e.getMessage());
    }
  }

  /**
   * Refuses a file whose names are those of several code bases: only by what the user says of it
   * are the heads of its attention known.
   */
  private static void requireOneKind(
      String key, ReleasedFile file, UNetShape body, GenerativeModel model, int side) {
    List<ReleasedNames> kinds = file.kinds();
    if (kinds.size() < 2) {
      return;
    }
    boolean levels = model.networkTime() != null;
    ReleasedNames usual =
        kinds.stream()
            .filter(kind -> (kind.networkTime() != null) == levels)
            .findFirst()
            .orElse(kinds.get(0));
    String others =
        kinds.stream()
            .filter(kind -> kind != usual)
            .map(ReleasedNames::kind)
            .collect(Collectors.joining(" or "));
    throw new InvalidInputException(
        Text.format(
            "%s: its tensors are named alike by several code bases, which order attention heads"
                + " otherwise; needed: lcsc import %s --as %s --side %d %s --model %s --out"
                + " MODEL.zip (--as %s if it is from there), and MODEL.zip here",
            file.path(),
            Printable.oneLine(file.path().toString()),
            usual.kind(),
            side,
            heads(body),
            key.equals(TEACHER) ? model.teacherKinds().get(0) : model.kind(),
            others));
  }

  private static UNetShape shape(GenerativeModel model) {
    if (model.unet() instanceof UNetShape shape) {
      return shape;
    }
    throw new IllegalArgumentException(
        "no code base has a network of architecture " + model.unet().kind());
  }

  /**
   * A network's weights under the names of a code base, still to be written.
   *
   * @param names of which
   * @param body of the network
   * @param side of its images in pixels
   * @param network with the weights
   * @param configuration text of the file {@code config.json} that belongs beside them; null for
   *     none
   */
  public record Export(
      ReleasedNames names,
      UNetShape body,
      int side,
      ComputationGraph network,
      String configuration) {

    /**
     * Writes the weights, straight to the path.
     *
     * @param metadata texts beside the tensors
     * @throws IOException where the file cannot be written
     */
    public void write(Path file, Map<String, String> metadata) throws IOException {
      ReleasedFile.write(file, names, body, network, side, metadata);
    }
  }

  /**
   * Prepares a network's weights under the names of a code base.
   *
   * @param as of which
   * @param config of the network
   * @param model where the network comes from, for messages
   * @throws IllegalArgumentException where the code base has no such network
   * @throws InvalidInputException where the network is not that of the configuration
   * @throws IOException where the images are needed and cannot be read
   */
  public static Export export(String as, RunConfig config, Path model, ComputationGraph network)
      throws IOException {
    ReleasedNames names = Parts.named(ReleasedNames.class, "--as", as);
    UNetShape body = shape(config.model());
    NetworkBody.Images images = images(config);
    // Where it is left to be measured, the deviation of the images is no matter here.
    GenerativeModel measured =
        keys(config.model()).contains("sigmaData")
            ? Parts.with(config.model(), Map.of("sigmaData", ReleasedNetwork.SIGMA_DATA))
            : config.model();
    LoadedModel.requireArchitecture(model, network, network(measured, images));
    requireParameterisation("--as", names, config.model());
    // That the code base has such a network shows here, before a file is begun.
    names.names(body, network, images.side());
    return new Export(
        names, body, images.side(), network, names.configuration(body, network, images.side()));
  }

  private static NetworkBody.Images images(RunConfig config) throws IOException {
    DataSetSettings.Known known = config.dataset().known().orElse(null);
    if (known != null && known.channels() > 0 && known.side() > 0) {
      return new NetworkBody.Images(known.channels(), known.side(), known.classes());
    }
    ImageDataSet images = config.dataset().load(Split.TRAIN);
    return new NetworkBody.Images(
        images.shape().channels(), images.shape().height(), images.classes());
  }

  /** The files that a training begins with, by key: of these weights, and of the teacher's. */
  private static Map<String, Path> files(RunConfig config) {
    Map<String, Path> files = new HashMap<>();
    if (config.training().from() != null) {
      files.put("training.from", Path.of(config.training().from()));
    }
    if (config.model().teacher() != null) {
      files.put(TEACHER, Path.of(config.model().teacher()));
    }
    files.values().removeIf(file -> !Files.exists(file));
    return files;
  }

  /**
   * Refuses model files and released files that are not whole or not of the configuration's
   * network, as far as they are there and the images are known without their files.
   *
   * @throws InvalidInputException in one line
   */
  public static void check(RunConfig config) {
    DataSetSettings.Known known = config.dataset().known().orElse(null);
    if (known == null || known.channels() == 0) {
      return;
    }
    RunConfig whole = withFrequencies(config);
    GenerativeModel model = whole.model();
    ImageDataSet images = standIn(known);
    for (Map.Entry<String, Path> entry : files(config).entrySet()) {
      ComputationGraph network =
          new ComputationGraph(
              configuration(
                  model,
                  known,
                  entry.getKey().equals(TEACHER)
                      ? model.teacherPreconditioning(images)
                      : model.preconditioning(images)));
      network.init();
      if (!ReleasedFile.isOne(entry.getValue())) {
        naming(
            entry.getKey(),
            () -> {
              LoadedModel.requireWhole(entry.getValue(), network);
              return null;
            });
      } else {
        parameters(entry.getKey(), entry.getValue(), model, network, known.side());
      }
    }
  }

  /** Two images of a data set's form, one black, one white. */
  private static ImageDataSet standIn(DataSetSettings.Known known) {
    ImageShape shape = new ImageShape(known.channels(), known.side(), known.side());
    byte[] pixels = new byte[2 * shape.length()];
    Arrays.fill(pixels, shape.length(), pixels.length, (byte) -1);
    int[] labels = known.classes() == 0 ? null : new int[2];
    return ImageDataSet.of("two images", shape, pixels, known.classes(), labels);
  }

  private static ComputationGraphConfiguration configuration(
      GenerativeModel model, DataSetSettings.Known images, Preconditioning preconditioning) {
    return UNet.configuration(
        model.unet(),
        new NetworkBody.Images(images.channels(), images.side(), images.classes()),
        preconditioning,
        new SquaredError(),
        new NoOp(),
        0,
        DataType.FLOAT);
  }

  /** The bare network, not initialised; empty where only their files tell what the images are. */
  static Optional<ComputationGraph> bareNetwork(RunConfig config) {
    return config
        .dataset()
        .known()
        .filter(known -> known.channels() > 0)
        .map(known -> new ComputationGraph(configuration(config.model(), known, null)));
  }

  /**
   * Where the bare networks of two configurations differ in more than their training.
   *
   * @return null where they do not, or where that is not known without the images' files
   */
  static String difference(RunConfig a, RunConfig b) {
    Optional<ComputationGraph> ofA = bareNetwork(a);
    Optional<ComputationGraph> ofB = bareNetwork(b);
    return ofA.isEmpty() || ofB.isEmpty()
        ? null
        : InvalidInputException.reading(
            () ->
                ModelFile.difference(
                    ofA.get().getConfiguration().toJson(),
                    ofB.get().getConfiguration().toJson(),
                    LoadedModel.TRAINING));
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
    for (Map.Entry<String, Path> entry : files(config).entrySet()) {
      Path file = entry.getValue();
      if (!Files.isRegularFile(file)) {
        continue;
      }
      List<Double> found = naming(entry.getKey(), () -> frequencies(file));
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
