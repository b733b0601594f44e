package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Parts;
import org.lcsc.config.YamlConfig;
import org.lcsc.config.YamlNames;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.model.DiffusionModel;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.released.ReleasedChain;
import org.lcsc.diffusion.released.ReleasedFile;
import org.lcsc.diffusion.released.ReleasedNames;
import org.lcsc.diffusion.released.ReleasedNetwork;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.diffusion.unet.UNetShape;
import org.lcsc.io.Text;

/**
 * Released weights in a network of this library.
 *
 * @param model settings of the model
 * @param images that it is for
 * @param network with the weights
 * @param assumption what the model takes for granted of the weights because neither they nor what
 *     is beside them tells it; null for nothing
 */
public record ReleasedModel(
    GenerativeModel model, NetworkBody.Images images, ComputationGraph network, String assumption) {

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
            int channels = found.images().channels();
            InvalidInputException.when(
                channels != 1 && channels != 3,
                "%s: its network is given images of %s channels, allowed: 1 or 3",
                path,
                channels);
            GenerativeModel usual =
                Parts.named(
                    GenerativeModel.class,
                    "--model",
                    modelKind == null ? found.model() : modelKind);
            ReleasedChain chain =
                usual instanceof DiffusionModel ? kind.chain(file).orElse(null) : null;
            GenerativeModel model = model(usual, found, file.sigmaData(), chain);
            requireParameterisation("--model", kind, model);
            ComputationGraph network = network(model, found.images());
            file.copyTo(kind, found.body(), network, found.images().side());
            return new ReleasedModel(
                model, found.images(), network, assumption(kind, model, chain));
          } catch (InvalidValueException e) {
            throw new InvalidInputException(path + ": " + e.getMessage());
          }
        });
  }

  private static String assumption(ReleasedNames names, GenerativeModel model, ReleasedChain told) {
    String assumed =
        Stream.of(assumption(model, told), names.assumption())
            .filter(Objects::nonNull)
            .collect(Collectors.joining("; "));
    return assumed.isEmpty() ? null : assumed;
  }

  private static String assumption(GenerativeModel model, ReleasedChain told) {
    if (model.networkTime() != null) {
      return null;
    }
    if (!(model instanceof DiffusionModel chain)) {
      return "that the network predicts what model.kind " + model.kind() + " says";
    }
    if (told != null) {
      return null;
    }
    return Text.format(
        "that the network predicts %s (model.prediction) along a chain of %s steps (model.steps)"
            + " with the schedule %s (model.noiseSchedule)",
        chain.prediction().name().toLowerCase(Locale.ROOT),
        chain.steps(),
        chain.noiseSchedule().kind());
  }

  /**
   * Refuses to take weights for those of a model that gives its network something else.
   *
   * @param key what the message calls the weights
   */
  static void requireParameterisation(String key, ReleasedNames names, GenerativeModel model) {
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

  /**
   * Refuses to set a network to a file's weights where it scales what they are given by another
   * deviation of the images.
   *
   * @param measured whether the network's will be that of images which are not known yet: then it
   *     may be that of a file of this library, and is not the one that others take for granted
   * @throws IOException where the file's own cannot be read
   */
  static void requireDeviation(ReleasedFile file, ComputationGraph network, boolean measured)
      throws IOException {
    if (UNet.preconditioning(network) instanceof Preconditioning.Edm edm) {
      boolean possible = measured && file.sigmaData() != ReleasedNetwork.SIGMA_DATA;
      InvalidInputException.when(
          edm.sigmaData() != file.sigmaData() && !possible,
          "%s: its network takes images of standard deviation %s for granted, needed:"
              + " model.sigmaData: %s",
          file.path(),
          file.sigmaData(),
          file.sigmaData());
    }
  }

  private static boolean hasLevels(GenerativeModel model) {
    return keys(model).contains("networkTime");
  }

  private static String text(NetworkTime time) {
    return time == null ? "time steps" : "noise levels (" + YamlNames.of(time) + ")";
  }

  static Set<String> keys(GenerativeModel model) {
    return Stream.of(model.getClass().getRecordComponents())
        .map(component -> component.getName())
        .collect(Collectors.toSet());
  }

  /**
   * Refuses weights that were trained on another chain than a model's.
   *
   * @throws IOException where the file's own cannot be read
   */
  static void requireChain(ReleasedFile file, GenerativeModel model) throws IOException {
    if (!(model instanceof DiffusionModel chain)) {
      return;
    }
    ReleasedChain told = file.kind().chain(file).orElse(ReleasedChain.of(chain));
    InvalidInputException.when(
        !told.equals(ReleasedChain.of(chain)),
        "%s: its network was trained on another chain than the configuration's (%s), needed: %s",
        file.path(),
        text(ReleasedChain.of(chain)),
        text(told));
  }

  private static String text(ReleasedChain chain) {
    return Text.format(
        "model.prediction: %s, model.steps: %s, model.noiseSchedule: %s",
        YamlNames.of(chain.prediction()), chain.steps(), chain.noiseSchedule().kind());
  }

  private static GenerativeModel model(
      GenerativeModel usual, ReleasedNetwork found, double sigmaData, ReleasedChain chain) {
    Set<String> keys = keys(usual);
    Map<String, Object> values = new HashMap<>();
    values.put("unet", found.body());
    if (keys.contains("sigmaData")) {
      values.put("sigmaData", sigmaData);
    }
    if (keys.contains("networkTime")) {
      values.put("networkTime", found.networkTime());
    }
    if (chain != null) {
      values.put("noiseSchedule", chain.noiseSchedule());
      values.put("steps", chain.steps());
      values.put("prediction", chain.prediction());
    }
    return Parts.with(usual, values);
  }

  static ComputationGraph network(GenerativeModel model, NetworkBody.Images images) {
    ComputationGraph network = BareNetwork.of(model, images, model.preconditioning(null));
    network.init();
    return network;
  }

  /** The body of a model's network, where a code base may have one like it. */
  static UNetShape shape(GenerativeModel model) {
    if (model.unet() instanceof UNetShape shape) {
      return shape;
    }
    throw new IllegalArgumentException(
        "no code base has a network of architecture " + model.unet().kind());
  }
}
