package org.lcsc.cli.command;

import java.nio.file.Files;
import java.nio.file.Path;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.export.RecipeFiles;

/** Finds before the work, not after, that its result could not be written. */
final class OutputFile {

  private OutputFile() {}

  /**
   * The same, and that no file is replaced unless that was asked for.
   *
   * @param force whether a file of that name is replaced
   */
  static void check(String option, Path file, String ending, boolean force) {
    check(option, file, ending);
    InvalidInputException.when(
        Files.exists(file) && !force, "%s: exists already, allowed: --force to replace it", file);
  }

  /**
   * Checks a model file to be written without a recipe: one beside it would be of another model.
   *
   * @see #check(String, Path, String, boolean)
   */
  static void checkModel(String option, Path file, boolean force) {
    check(option, file, ".zip", force);
    Path recipe = RecipeFiles.recipe(file);
    InvalidInputException.when(
        Files.exists(recipe),
        "%s: is of another model, allowed: another name than %s",
        recipe,
        file);
  }

  /**
   * Checks a file to be written; missing directories are made when it is.
   *
   * @param option name of the option that the file was given with
   * @param ending what its name must end in, for example {@code .png}
   * @throws InvalidInputException if the file cannot be written there
   */
  static void check(String option, Path file, String ending) {
    Path name = file.getFileName();
    if (name == null || !name.toString().endsWith(ending) || name.toString().equals(ending)) {
      throw new InvalidInputException(
          option + ": expected a name that ends in " + ending + ", got " + file);
    }
    InvalidInputException.when(Files.isDirectory(file), "%s: %s: is a directory", option, file);
    Path directory = file.toAbsolutePath().getParent();
    while (!Files.exists(directory)) {
      directory = directory.getParent();
    }
    if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
      throw new InvalidInputException(
          option + ": " + file + ": cannot be written, check " + directory);
    }
  }
}
