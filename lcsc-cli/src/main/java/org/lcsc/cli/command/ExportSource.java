package org.lcsc.cli.command;

import static org.lcsc.io.Text.format;

import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.export.Recipe;
import org.lcsc.export.RecipeFiles;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A model to be exported.
 *
 * @param model its file; where it is several, the one beside which they stand
 * @param recipeFile null where it is not known how the model was made, as is all that follows
 * @param json content of that file
 * @param recipe which it holds
 */
record ExportSource(Path model, Path recipeFile, byte[] json, Recipe recipe) {

  /**
   * Reads the recipe of a model.
   *
   * @param recipe its file, or null
   * @throws InvalidInputException where the recipe cannot be used
   */
  static ExportSource of(Path model, Path recipe) {
    if (recipe == null) {
      return new ExportSource(model, null, null, null);
    }
    InvalidInputException.when(
        !Files.exists(recipe), "%s: no such file, so %s may not be whole", recipe, model);
    return InvalidInputException.reading(
        () -> new ExportSource(model, recipe, Files.readAllBytes(recipe), Recipe.read(recipe)));
  }

  /** Whether it is a network of this library, and not parameters of another framework. */
  boolean isNetwork() {
    return model.toString().endsWith(".zip");
  }

  /** Whether it is one model for all noise levels. */
  boolean isSingle() {
    return recipe == null || recipe.ranges().isEmpty();
  }

  /**
   * Restores the network of a single model, or of the named range.
   *
   * @throws InvalidInputException where it is damaged, or not the recipe's
   */
  ComputationGraph restore() {
    ComputationGraph network = LoadedModel.restore(model, model);
    if (recipe != null) {
      int part = RecipeFiles.of(recipeFile, recipe).indexOf(model);
      InvalidInputException.when(part < 0, "%s: is not the model of %s", model, recipeFile);
      requireHash(part, network.params());
    }
    return network;
  }

  /**
   * Refuses parameters that are not those of the recipe.
   *
   * @param part range of noise levels, 0 of a single model
   */
  void requireHash(int part, INDArray parameters) {
    Path file = RecipeFiles.of(recipeFile, recipe).get(part);
    LoadedModel.requireHash(file, parameters, recipeFile, RecipeFiles.hashes(recipe).get(part));
  }

  /** What it is, in a few words. */
  String text() {
    if (recipe == null) {
      return model.getFileName().toString();
    }
    StringBuilder text = new StringBuilder();
    text.append(recipe.model()).append(" of iteration ").append(recipe.iteration());
    text.append(format(", validation score %s", Text.score(recipe.validationScore())));
    recipe
        .reportScores()
        .forEach((name, score) -> text.append(format(", fresh %s %s", name, Text.score(score))));
    return text.toString();
  }
}
