package org.lcsc.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.io.function.IOConsumer;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.ModelWriter;
import org.lcsc.io.Refuse;
import org.lcsc.io.Sha256;
import org.lcsc.objective.TimeRanges;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The model files beside a recipe. {@code NAME.json} tells of {@code NAME.zip}, or where it names
 * ranges of noise levels of {@code NAME-range0.zip}, {@code NAME-range1.zip} and so on, an ordinary
 * model file for each; NAME of {@code recipe.json} is {@code model}. The recipe decides: a file of
 * the other kind beside it is no part of the model.
 *
 * <p>Thread-safe: it has no state.
 */
public final class RecipeFiles {

  private static final String JSON = ".json";

  private RecipeFiles() {}

  /**
   * The file of a single model.
   *
   * @param recipe a path ending in {@code .json}
   */
  public static Path model(Path recipe) {
    return model(recipe, ".zip");
  }

  /** The file of a single model in a format whose files have that ending. */
  public static Path model(Path recipe, String suffix) {
    return recipe.resolveSibling(stem(recipe) + suffix);
  }

  /** The file of the model for one range. */
  public static Path range(Path recipe, int range) {
    return recipe.resolveSibling(stem(recipe) + "-range" + range + ".zip");
  }

  /** The file that a recipe of a model file, or of the models for several ranges, is in. */
  public static Path recipe(Path model) {
    String name = model.getFileName().toString().replaceFirst("(-range[0-9]+)?\\.zip$", "");
    return model.resolveSibling((name.equals("model") ? "recipe" : name) + JSON);
  }

  /**
   * The files of a recipe's model.
   *
   * @param path of the recipe
   * @return one, or one for every range
   */
  public static List<Path> of(Path path, Recipe recipe) {
    int ranges = recipe.ranges().size();
    return ranges == 0
        ? List.of(model(path))
        : IntStream.range(0, ranges).mapToObj(range -> range(path, range)).toList();
  }

  /** Hashes of the parameters in those files, see {@link Sha256}. */
  public static List<String> hashes(Recipe recipe) {
    return recipe.ranges().isEmpty()
        ? List.of(recipe.sha256())
        : recipe.ranges().stream().map(Recipe.Range::sha256).toList();
  }

  /**
   * Writes a model and its recipe, whole both before the first takes its place, and deletes what an
   * earlier model of the other kind, or of more ranges, left beside them.
   *
   * @param path of the recipe
   * @param recipe of these parameters
   * @param writer writes the models
   * @param parameters {@code [P]}, or {@code [R * P]} where the recipe names R ranges
   * @throws IOException if a file cannot be written
   */
  public static void write(Path path, Recipe recipe, ModelWriter writer, INDArray parameters)
      throws IOException {
    List<Path> files =
        recipe.ranges().isEmpty() ? List.of(model(path, writer.suffix())) : of(path, recipe);
    TimeRanges ranges = recipe.timeRanges();
    Map<Path, IOConsumer<Path>> writers = new LinkedHashMap<>();
    for (int range = 0; range < files.size(); range++) {
      INDArray part = ranges.part(parameters, range);
      writers.put(files.get(range), file -> writer.write(file, part, recipe.iteration()));
    }
    // After its model, so where there is a recipe the model is whole.
    String text = RecordFile.text(recipe);
    writers.put(path, file -> Files.writeString(file, text));
    AtomicFiles.writeAll(writers);
    deleteOthers(path, files);
  }

  /**
   * Deletes model files beside a recipe that are no part of its model.
   *
   * @param path of the recipe
   * @param files of its model
   */
  public static void deleteOthers(Path path, List<Path> files) throws IOException {
    if (!files.contains(model(path))) {
      Files.deleteIfExists(model(path));
    }
    int first = files.contains(model(path)) ? 0 : files.size();
    for (int range = first; Files.deleteIfExists(range(path, range)); range++) {}
  }

  private static String stem(Path recipe) {
    String name = recipe.getFileName().toString();
    Refuse.argument(!name.endsWith(JSON), "a recipe must be a file .json, got %s", recipe);
    return name.equals("recipe.json") ? "model" : name.substring(0, name.length() - JSON.length());
  }
}
