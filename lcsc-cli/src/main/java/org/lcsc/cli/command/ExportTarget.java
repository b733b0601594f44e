package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.io.AtomicFiles;

/**
 * Where a model goes.
 *
 * @param file of the model
 */
record ExportTarget(Path file) {

  /** The file of its recipe. */
  Path recipe() {
    String name = file.getFileName().toString();
    return file.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".json");
  }

  /**
   * Writes a model of one file, and then its recipe; another model's recipe is deleted.
   *
   * @param writer writes the model, straight to its path
   * @throws InvalidInputException where the model cannot be had in the form that is written
   */
  void write(ExportSource source, AtomicFiles.IOConsumer<Path> writer) throws IOException {
    AtomicFiles.writeFile(
        file,
        whole -> {
          try {
            writer.accept(whole);
          } catch (IllegalArgumentException e) {
            throw new InvalidInputException(source.model() + ": " + e.getMessage());
          }
          Files.deleteIfExists(recipe());
        });
    if (source.recipe() != null) {
      AtomicFiles.write(recipe(), stream -> stream.write(source.json()));
    }
  }
}
