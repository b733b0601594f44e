package org.lcsc.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.io.function.IOSupplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Parts;
import org.lcsc.config.Printable;
import org.lcsc.config.YamlConfig;
import org.lcsc.consistency.DistilledModel;
import org.lcsc.consistency.ScratchModel;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.released.ReleasedFile;
import org.lcsc.diffusion.released.ReleasedNames;
import org.lcsc.diffusion.released.ReleasedNetwork;
import org.lcsc.diffusion.unet.AdmConfig;
import org.lcsc.diffusion.unet.NcsnppConfig;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.diffusion.unet.UNetShape;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Text;
import org.lcsc.model.ModelFile;
import org.lcsc.tensor.StateDict;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The files that a training begins with: model files or released files of its own weights and of
 * its teacher's. Mistakes are an {@link InvalidInputException} of one line that begins with the key
 * that names the file. Stateless and thread-safe.
 */
final class InitialWeights {

  private static final String TEACHER = "model.teacher";

  private InitialWeights() {}

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
    return parameters(key, path, model, network, side, false);
  }

  /** The same, with a network that may have been made for other images than the training's. */
  private static INDArray parameters(
      String key,
      Path path,
      GenerativeModel model,
      ComputationGraph network,
      int side,
      boolean standIn) {
    if (!StateDict.isOne(path)) {
      return naming(key, () -> LoadedModel.loadSingle(path, network));
    }
    InvalidInputException.when(!Files.exists(path), "%s: %s: no such file", key, path);
    return naming(
        key,
        () -> {
          ComputationGraph copy = network.clone();
          try (ReleasedFile file = ReleasedFile.open(path)) {
            UNetShape body = ReleasedModel.shape(model);
            requireOneKind(key, file, body, model, side);
            ReleasedModel.requireParameterisation(path.toString(), file.kind(), model);
            ReleasedModel.requireDeviation(
                file,
                network,
                standIn && !YamlConfig.toTree((Record) model).containsKey("sigmaData"));
            file.copyTo(file.kind(), body, copy, side);
            requireBody(file, model, side);
            ReleasedModel.requireChain(file, model);
          } catch (IllegalArgumentException e) {
            throw new InvalidInputException(path + ": " + e.getMessage());
          }
          return copy.params();
        });
  }

  /**
   * The kind of model that {@code lcsc import} can make of weights for a key: one of the same
   * preconditioning that needs no teacher itself.
   */
  private static String importedAs(String key, GenerativeModel model) {
    if (model.teacher() == null) {
      return model.kind();
    }
    // The weights that a distillation begins with are a consistency function's already.
    return model instanceof DistilledModel && !key.equals(TEACHER)
        ? new ScratchModel().kind()
        : model.teacherKinds().get(0);
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
  private static <T> T naming(String key, IOSupplier<T> reading) {
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
            importedAs(key, model),
            others));
  }

  /**
   * Refuses a network that the weights fit but that computes something else by them than the file's
   * own: with other heads, another sinusoid, another padding.
   */
  private static void requireBody(ReleasedFile file, GenerativeModel model, int side)
      throws IOException {
    ReleasedNetwork found = file.kind().network(file);
    NetworkBody.Images images = found.images();
    Set<String> free = new HashSet<>(LoadedModel.TRAINING);
    // These the file's tensors tell.
    free.add("frequencies");
    String difference =
        ModelFile.difference(
            configuration(Parts.with(model, Map.of("unet", found.body())), images),
            configuration(model, new NetworkBody.Images(images.channels(), side, images.classes())),
            free);
    InvalidInputException.when(
        difference != null,
        "%s: is of another network than the configuration's, %s (file and configuration), needed:"
            + " model.unet as it is printed by lcsc import %s --out MODEL.zip",
        file.path(),
        difference,
        Printable.oneLine(file.path().toString()));
  }

  private static String configuration(GenerativeModel model, NetworkBody.Images images) {
    return BareNetwork.of(model, images, null).getConfiguration().toJson();
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
   * @param config with the files' own {@link #withFrequencies frequencies}
   * @throws InvalidInputException in one line
   */
  static void check(RunConfig config) {
    NetworkBody.Images form = BareNetwork.images(config).orElse(null);
    if (form == null) {
      return;
    }
    GenerativeModel model = config.model();
    ImageDataSet images = standIn(form);
    for (Map.Entry<String, Path> entry : files(config).entrySet()) {
      ComputationGraph network =
          BareNetwork.of(
              model,
              form,
              entry.getKey().equals(TEACHER)
                  ? model.teacherPreconditioning(images)
                  : model.preconditioning(images));
      network.init();
      if (!StateDict.isOne(entry.getValue())) {
        naming(
            entry.getKey(),
            () -> {
              LoadedModel.requireWhole(entry.getValue(), network);
              return null;
            });
      } else {
        parameters(entry.getKey(), entry.getValue(), model, network, form.side(), true);
      }
    }
  }

  /** Two images of a data set's form, one black, one white. */
  static ImageDataSet standIn(NetworkBody.Images form) {
    ImageShape shape = new ImageShape(form.channels(), form.side(), form.side());
    byte[] pixels = new byte[2 * shape.length()];
    Arrays.fill(pixels, shape.length(), pixels.length, (byte) -1);
    int[] labels = form.classes() == 0 ? null : new int[2];
    return ImageDataSet.of("two images", shape, pixels, form.classes(), labels);
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
    if (StateDict.isOne(path)) {
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
