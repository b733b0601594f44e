package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.io.function.IOConsumer;
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
   * Writes a model of one file, its recipe and what stands beside them, each whole before one is
   * there; another model's recipe is deleted.
   *
   * @param writer writes the model, straight to its path
   * @param beside texts by their files
   * @throws InvalidInputException where the model cannot be had in the form that is written
   */
  void write(ExportSource source, IOConsumer<Path> writer, Map<Path, String> beside)
      throws IOException {
    Map<Path, IOConsumer<Path>> files = new LinkedHashMap<>();
    files.put(
        file,
        whole -> {
          try {
            writer.accept(whole);
          } catch (IllegalArgumentException e) {
            throw new InvalidInputException(source.model() + ": " + e.getMessage());
          }
        });
    if (source.recipe() != null) {
      files.put(recipe(), whole -> Files.write(whole, source.json()));
    }
    beside.forEach((path, text) -> files.put(path, whole -> Files.writeString(whole, text)));
    AtomicFiles.writeAll(files);
    if (source.recipe() == null) {
      Files.deleteIfExists(recipe());
    }
  }
}
