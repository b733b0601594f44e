package org.lcsc.experiment;

import static org.lcsc.io.Text.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import org.apache.commons.io.function.IOFunction;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.sampler.SamplerSettings;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.export.Recipe;
import org.lcsc.export.RecipeFiles;
import org.lcsc.io.Sha256;
import org.lcsc.io.Text;
import org.lcsc.model.ModelFile;
import org.lcsc.objective.TimeRanges;
import org.lcsc.tensor.StateDict;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A model file that fits a configuration's network.
 *
 * <p>Of the file only configuration.json and coefficients.bin are read. The first is compared with
 * the network that the configuration describes and never made into objects, the second becomes an
 * array: a file from a stranger cannot run code. Every mistake is a {@link InvalidInputException}
 * of one line that names the file.
 *
 * <p>In place of a model file its recipe may be named, {@code best.json} or {@code recipe.json}: of
 * models for several ranges of noise levels only it tells which they are.
 *
 * @param path the file, or the recipe
 * @param parameters {@code [P]} float, of R time ranges {@code [R * P]}
 * @param ranges the time ranges
 */
public record LoadedModel(Path path, INDArray parameters, TimeRanges ranges) {

  /** How far above a model its run's config.yaml may be: {@code RUN/lcsc/ITERATION/model.zip}. */
  private static final int PARENTS = 3;

  /** What the training alone needs: models that differ in these are of one architecture. */
  static final Set<String> TRAINING =
      Set.of(
          ("seed iupdater biasUpdater weightInitFn gain gainInit biasInit "
                  + "outputGain idropout loss lossFn regularization regularizationBias "
                  + "gradientNormalization gradientNormalizationThreshold optimizationAlgo")
              .split(" "));

  /**
   * The configuration that models are sampled with.
   *
   * @param option the file that the user named; null to take the config.yaml of the runs that hold
   *     the models, which must then agree in data set, model, sampler and guidance
   * @param models at least one; those outside of any run take the configuration of the others
   * @return file and configuration
   * @throws ConfigException if the file is missing or wrong
   * @throws InvalidInputException if no model is in a run, or their runs disagree
   */
  public static Map.Entry<Path, RunConfig> configuration(Path option, List<Path> models)
      throws ConfigException {
    if (option != null) {
      return Map.entry(option, RunConfig.read(option));
    }
    // Before the search for a configuration, which is pointless for a mistyped name.
    models.forEach(LoadedModel::requireFile);
    Map<Path, RunConfig> found = new LinkedHashMap<>();
    for (Path model : models) {
      Path file = configurationOf(model);
      if (file != null && !found.containsKey(file)) {
        found.put(file, RunConfig.read(file));
      }
    }
    InvalidInputException.when(
        found.isEmpty(),
        "%s: is in no run directory (config.yaml), needed: --config FILE",
        models.get(0));
    List<Map.Entry<Path, RunConfig>> all = new ArrayList<>(found.entrySet());
    for (Map.Entry<Path, RunConfig> other : all) {
      String section = disagreement(all.get(0).getValue(), other.getValue());
      if (section != null) {
        throw new InvalidInputException(
            format(
                "%s: has another %s than %s, needed: --config FILE, to compare on the same footing",
                other.getKey(), section, all.get(0).getKey()));
      }
    }
    return all.get(0);
  }

  /** The configuration of the run that holds a model, or null. */
  private static Path configurationOf(Path model) {
    Path directory = model.toAbsolutePath().normalize().getParent();
    for (int i = 0; i < PARENTS && directory != null; i++) {
      Path file = RunDirectory.config(directory);
      if (Files.isRegularFile(file)) {
        return file;
      }
      directory = directory.getParent();
    }
    return null;
  }

  /**
   * The configuration of a training that starts from a model file of another run, where it depends
   * on how far that run had come: the iteration that the model's recipe tells, else the file
   * itself, else its run's length.
   *
   * @return the same configuration where there is no such file, run or dependence
   * @throws IOException where the run's configuration or the recipe cannot be read
   */
  static RunConfig continuing(RunConfig config) throws IOException {
    String from = config.training().from();
    Path file = from == null || !config.model().continues() ? null : configurationOf(Path.of(from));
    if (file == null) {
      return config;
    }
    RunConfig before = RunConfig.read(file);
    int iterations = before.training().iterations();
    Path recipe = from.endsWith(".json") ? Path.of(from) : RecipeFiles.recipe(Path.of(from));
    int iteration =
        Files.isRegularFile(recipe)
            ? (int) Recipe.read(recipe).iteration()
            : updates(Path.of(from), iterations);
    return config.with(
        config
            .model()
            .continuing(new GenerativeModel.Origin(before.model(), iteration, iterations)));
  }

  /** Updates applied to a model file, as it tells itself; else those of the whole training. */
  private static int updates(Path model, int otherwise) throws IOException {
    if (StateDict.isOne(model) || !Files.isRegularFile(model)) {
      return otherwise;
    }
    JsonNode configuration = new ObjectMapper().readTree(ModelFile.configuration(model));
    int updates = configuration.path("iterationCount").asInt();
    return updates > 0 ? updates : otherwise;
  }

  /** What decides the samples: not how many are made at a time, nor by which engine. */
  private static Map<String, Object> samples(SamplerSettings sampler) {
    Map<String, Object> settings = YamlConfig.toTree((Record) sampler);
    settings.keySet().removeAll(Set.of("batchSize", "engine"));
    return settings;
  }

  private static String disagreement(RunConfig a, RunConfig b) {
    if (!a.dataset().source().equals(b.dataset().source())) {
      return "dataset";
    }
    if (!a.model().equals(b.model())) {
      return "model";
    }
    if (!samples(a.sampler()).equals(samples(b.sampler()))) {
      return "sampler";
    }
    return Objects.equals(a.guidance(), b.guidance()) ? null : "guidance";
  }

  /**
   * Loads a model.
   *
   * @param path a Deeplearning4j model file, or the recipe beside one or several
   * @param network gives the architecture that the file must have; not modified
   * @throws InvalidInputException if a file is missing, damaged, no model, of another architecture,
   *     or not what the recipe says
   */
  public static LoadedModel load(Path path, ComputationGraph network) {
    requireFile(path);
    if (!path.toString().endsWith(".json")) {
      INDArray parameters = parameters(path, network);
      requireRecipe(path, parameters);
      return new LoadedModel(path, parameters, TimeRanges.ONE);
    }
    Recipe recipe = InvalidInputException.reading(() -> Recipe.read(path));
    List<Path> files = RecipeFiles.of(path, recipe);
    List<String> hashes = RecipeFiles.hashes(recipe);
    List<INDArray> parts = new ArrayList<>();
    for (int range = 0; range < files.size(); range++) {
      Path file = files.get(range);
      requireFile(file);
      INDArray part = parameters(file, network);
      requireHash(file, part, path, hashes.get(range));
      parts.add(part);
    }
    INDArray all =
        parts.size() == 1 ? parts.get(0) : Nd4j.concat(0, parts.toArray(INDArray[]::new));
    return new LoadedModel(path, all, recipe.timeRanges());
  }

  /** Refuses a model whose parameters are not those of the recipe beside it, where there is one. */
  private static void requireRecipe(Path path, INDArray parameters) {
    Path recipe = RecipeFiles.recipe(path);
    if (Files.isRegularFile(recipe)) {
      Recipe read = InvalidInputException.reading(() -> Recipe.read(recipe));
      int part = RecipeFiles.of(recipe, read).indexOf(path);
      // A file of the other kind is no part of the recipe's model.
      if (part >= 0) {
        requireHash(path, parameters, recipe, RecipeFiles.hashes(read).get(part));
      }
    }
  }

  /**
   * Loads one model for all noise levels, to train from.
   *
   * @throws InvalidInputException as {@link #load}, or if it is several
   */
  public static INDArray loadSingle(Path path, ComputationGraph network) {
    LoadedModel file = load(path, network);
    if (file.ranges().size() > 1) {
      throw new InvalidInputException(
          format(
              "%s: has %s models by noise level, needed: one, such as %s",
              path, file.ranges().size(), RecipeFiles.range(path, 0)));
    }
    return file.parameters();
  }

  /**
   * Refuses a model whose parameters are not those of its recipe.
   *
   * @param hash of the recipe, see {@link Sha256}
   */
  public static void requireHash(Path file, INDArray parameters, Path recipe, String hash) {
    InvalidInputException.when(
        !Sha256.of(parameters).equals(hash),
        "%s: its parameters are not those of %s, a training may be writing them (try again) or a"
            + " file was changed",
        file,
        recipe);
  }

  private static INDArray parameters(Path path, ComputationGraph network) {
    try {
      requireArchitecture(path, ModelFile.configuration(path), network, TRAINING);
      INDArray parameters = ModelFile.parameters(path);
      InvalidInputException.when(
          parameters.length() != network.numParams(),
          "%s: has %s parameters, expected %s as the configuration's network has",
          path,
          parameters.length(),
          network.numParams());
      return parameters.castTo(DataType.FLOAT).reshape(parameters.length());
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  /**
   * Refuses a model file that is not whole or of another network than a configuration's.
   *
   * @param path a model file; a recipe is left alone
   * @param expected of the configuration
   */
  static void requireWhole(Path path, ComputationGraph expected) {
    requireFile(path);
    if (!path.toString().endsWith(".json")) {
      requireArchitecture(path, restore(path, path), expected);
    }
  }

  /**
   * Refuses a model of another network than a configuration's.
   *
   * @param path of the model, for messages
   * @param network of the model
   * @param expected of the configuration
   */
  static void requireArchitecture(Path path, ComputationGraph network, ComputationGraph expected) {
    Set<String> ignored = new HashSet<>(TRAINING);
    ignored.add("sigmaData");
    try {
      requireArchitecture(path, network.getConfiguration().toJson(), expected, ignored);
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  private static void requireArchitecture(
      Path path, String configuration, ComputationGraph expected, Set<String> ignored)
      throws IOException {
    String difference =
        ModelFile.difference(configuration, expected.getConfiguration().toJson(), ignored);
    if (difference != null) {
      throw new InvalidInputException(
          format(
              "%s: another architecture than the configuration's, %s%s (file and configuration)",
              path, difference, differentParameter(path, expected)));
    }
  }

  /** The first parameter that only one of both has, or in another shape; empty without one. */
  private static String differentParameter(Path path, ComputationGraph network) {
    Map<String, INDArray> there;
    try {
      there = ModelFile.graph(path).paramTable();
    } catch (IOException e) {
      // What differs is known without.
      return "";
    }
    Map<String, INDArray> here = network.paramTable();
    return Stream.concat(here.keySet().stream(), there.keySet().stream())
        .filter(name -> !shape(there.get(name)).equals(shape(here.get(name))))
        .findFirst()
        .map(
            name ->
                format(
                    ", parameter %s is %s and %s",
                    name, shape(there.get(name)), shape(here.get(name))))
        .orElse("");
  }

  private static String shape(INDArray parameter) {
    return parameter == null ? "absent" : Arrays.toString(parameter.shape());
  }

  /**
   * Restores a network by the file's own configuration, as Deeplearning4j does, without Java
   * objects that the file may hold besides.
   *
   * @param path a model file that this library wrote
   * @param name what messages call it
   * @throws InvalidInputException if it is missing, damaged or no ComputationGraph
   */
  public static ComputationGraph restore(Path path, Path name) {
    return restored(path, name, ModelFile::graph);
  }

  /**
   * The same of a file that may also hold a {@code MultiLayerNetwork}, of the user's own.
   *
   * @throws InvalidInputException if it is missing or damaged
   */
  public static Model restoreAny(Path path, Path name) {
    return restored(path, name, ModelFile::model);
  }

  private static <T extends Model> T restored(Path path, Path name, IOFunction<Path, T> restoring) {
    requireFile(path);
    try {
      return restoring.apply(path);
    } catch (IOException e) {
      throw unusable(name, e);
    }
  }

  /**
   * A short name for each file: its file name, with as many directories before it as it takes to
   * tell it from the others.
   */
  public static List<String> names(List<Path> files) {
    return files.stream().map(file -> name(file, files)).toList();
  }

  private static String name(Path file, List<Path> files) {
    Path full = file.toAbsolutePath().normalize();
    int parts = 1;
    while (parts < full.getNameCount()) {
      Path tail = tail(full, parts);
      boolean shared =
          files.stream()
              .map(other -> other.toAbsolutePath().normalize())
              .anyMatch(other -> !other.equals(full) && other.endsWith(tail));
      if (!shared) {
        break;
      }
      parts++;
    }
    return tail(full, parts).toString();
  }

  private static Path tail(Path path, int parts) {
    return path.subpath(path.getNameCount() - parts, path.getNameCount());
  }

  private static void requireFile(Path path) {
    if (!Files.isRegularFile(path)) {
      throw new InvalidInputException(
          path + (Files.exists(path) ? ": is not a file" : ": no such file"));
    }
  }

  private static InvalidInputException unusable(Path path, IOException e) {
    String reason =
        e instanceof ZipException ? "no zip, or cut off: " + Text.reason(e) : Text.reason(e);
    return new InvalidInputException(path + ": not a whole model file (" + reason + ")");
  }
}
