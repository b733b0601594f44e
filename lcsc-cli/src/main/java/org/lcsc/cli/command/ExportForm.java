package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A form in which a model leaves a run. */
@FunctionalInterface
interface ExportForm {

  /**
   * What was exported.
   *
   * @param files for a reader, the model's first; without the recipe
   * @param text what they are, in a few words
   */
  record Exported(List<Path> files, String text) {}

  /**
   * Checks the model and writes it; the model appears before its recipe, and that before what
   * stands beside them.
   *
   * @throws org.lcsc.experiment.InvalidInputException where the model cannot be used; nothing is
   *     written
   * @throws IOException where a file cannot be written
   */
  Exported export(ExportSource source, ExportTarget target) throws IOException;
}
