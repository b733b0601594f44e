package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.function.IOConsumer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.solvers.BaseOptimizer;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.export.RecipeFiles;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Text;
import org.lcsc.model.ModelFile;

/**
 * Deeplearning4j's model file, or one for each range of noise levels. The copies are checked, not
 * the originals, which a training may replace at any time.
 */
record ModelFileExport() implements ExportForm {

  @Override
  public Exported export(ExportSource source, ExportTarget target) throws IOException {
    List<Path> files =
        source.isSingle()
            ? List.of(target.file())
            : RecipeFiles.of(target.recipe(), source.recipe());
    String text =
        source.recipe() == null
            ? exportAverage(source, target)
            : exportWithRecipe(source, target.recipe(), files);
    RecipeFiles.deleteOthers(target.recipe(), files);
    return new Exported(files, text);
  }

  private static String exportAverage(ExportSource source, ExportTarget target) throws IOException {
    Model[] copied = new Model[1];
    target.write(source, copy -> copied[0] = copy(source.model(), copy), Map.of());
    return Text.format(
        "ema-%s of iteration %s",
        source.text().replaceFirst("\\.zip$", ""), BaseOptimizer.getIterationCount(copied[0]));
  }

  private static String exportWithRecipe(ExportSource source, Path recipe, List<Path> files)
      throws IOException {
    List<Path> models = RecipeFiles.of(source.recipeFile(), source.recipe());
    Map<Path, IOConsumer<Path>> writers = new LinkedHashMap<>();
    for (int range = 0; range < files.size(); range++) {
      int part = range;
      writers.put(
          files.get(range),
          copy -> source.requireHash(part, copy(models.get(part), copy).params()));
    }
    writers.put(recipe, copy -> Files.write(copy, source.json()));
    AtomicFiles.writeAll(writers);
    return source.text();
  }

  /** Copies a model, and returns the network of the copy. */
  private static Model copy(Path model, Path copy) throws IOException {
    // First, so that a damaged model is named as such.
    LoadedModel.restoreAny(model, model);
    ModelFile.copy(model, copy);
    return LoadedModel.restoreAny(copy, model);
  }
}
