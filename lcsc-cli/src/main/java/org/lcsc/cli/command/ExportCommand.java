package org.lcsc.cli.command;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.lcsc.config.Parts;
import org.lcsc.diffusion.released.ReleasedNames;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.export.RecipeFiles;
import org.lcsc.tensor.CheckpointFormat;
import org.lcsc.tensor.SafetensorsFormat;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Copies a model and its recipe out of a run, after checking both. */
@Command(
    name = "export",
    description = {
      "Copy a model out of a run, with the recipe of how it was made.",
      "Without --iteration and --ema: the best model of all searches, merged or averaged. The"
          + " model is restored and compared with its recipe before anything is written. Models"
          + " by noise level become FILE-range0.zip, FILE-range1.zip and so on.",
      "FILE.safetensors is a tensor for every parameter array; a model of another framework's"
          + " checkpoints is copied in their format.",
      "FILE.onnx is the network for ONNX Runtime, with a model card in README.md beside it."
    })
final class ExportCommand extends TextCommand {

  private static final String ZIP = ".zip";
  private static final String ONNX = ".onnx";

  @Parameters(paramLabel = "RUN|MODEL", description = "The run directory, or a model file (.zip).")
  private Path run;

  @ArgGroup private Choice choice = new Choice();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.zip|FILE.safetensors|FILE.onnx",
      description = "The model to write; its recipe becomes FILE.json.")
  private Path out;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "dl4j, safetensors or onnx. Default: that of FILE's ending.")
  private String format;

  @Option(
      names = "--as",
      paramLabel = "KIND",
      description =
          "Names of the tensors in FILE.safetensors: diffusers (with config.json and"
              + " scheduler_config.json beside it), edm, openai or consistency. Default: our"
              + " layers'.")
  private String as;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration of a model file that is named in place of a run, for --as.")
  private Path config;

  @Option(
      names = "--license",
      paramLabel = "ID",
      description = "Licence that README.md beside FILE.onnx names. Default: unknown.")
  private String license;

  @Option(
      names = "--force",
      description =
          "Replace FILE.zip or FILE-range*.zip, FILE.json, and README.md beside FILE.onnx.")
  private boolean force;

  /** Which model; neither is the best one. */
  private static final class Choice {

    @Option(
        names = "--iteration",
        paramLabel = "N",
        description = "The merged model of the search at this iteration.")
    private Long iteration;

    @Option(
        names = "--ema",
        paramLabel = "RATE",
        description = "The average of this rate; it has no recipe.")
    private Double ema;
  }

  @Override
  int run() throws IOException {
    OutputFile.check("--out", out, suffix());
    String name = out.getFileName().toString();
    InvalidInputException.when(
        name.equals("recipe.zip"),
        "--out: recipe.json beside it would be that of model.zip, allowed: another name than %s",
        name);
    InvalidInputException.when(
        as != null && !out.toString().endsWith(new SafetensorsFormat().suffix()),
        "--as: names tensors of --format safetensors (%s), allowed: FILE.safetensors",
        out);
    InvalidInputException.when(
        config != null && (as == null || Files.isDirectory(run)),
        "--config: has no effect here (%s), allowed: with --as, for a model file in place of a run",
        config);
    InvalidInputException.when(
        license != null && !isOnnx(),
        "--license: stands in the model card beside a network in ONNX (%s), allowed: FILE.onnx",
        out);
    ExportTarget target = new ExportTarget(out);
    refuseExisting(target);
    if (Files.isRegularFile(run) || run.toString().endsWith(ZIP) && !Files.exists(run)) {
      return export(file(), target);
    }
    try (RunDirectory directory = RunDirectory.open(run)) {
      return export(source(directory), target);
    }
  }

  private void refuseExisting(ExportTarget target) {
    // The recipe too where none is written: it would be taken for that of the new model.
    List<Path> replaced =
        new ArrayList<>(List.of(out, RecipeFiles.range(target.recipe(), 0), target.recipe()));
    if (isOnnx()) {
      replaced.add(OnnxExport.card(target));
    }
    Parts.of(ReleasedNames.class).values().stream()
        .filter(names -> names.kind().equals(as))
        .flatMap(names -> names.files().stream())
        .forEach(file -> replaced.add(out.resolveSibling(file)));
    for (Path file : replaced) {
      InvalidInputException.when(
          Files.exists(file) && !force, "%s: exists already, allowed: --force to replace it", file);
      InvalidInputException.when(
          Files.isDirectory(file), "%s: is a directory, allowed: another name than %s", file, out);
    }
  }

  private int export(ExportSource source, ExportTarget target) throws IOException {
    ExportForm.Exported exported = form(source).export(source, target);
    for (Path file : exported.files()) {
      print("written: %s, %s%n", file, exported.text());
    }
    return 0;
  }

  private ExportForm form(ExportSource source) {
    if (!source.isNetwork()) {
      InvalidInputException.when(
          as != null,
          "--as: names tensors of this library's networks, %s is a copy of another framework's,"
              + " allowed: without --as",
          source.model());
      return new CheckpointCopy();
    }
    if (out.toString().endsWith(ZIP)) {
      return new ModelFileExport();
    }
    InvalidInputException.when(
        !source.isSingle() && !source.model().equals(run),
        "--out: the model is of several files, one for each range of noise levels, allowed:"
            + " FILE.zip, or one of them: %s",
        source.model());
    return isOnnx()
        ? new OnnxExport(Objects.requireNonNullElse(license, "unknown"))
        : new TensorsExport(as, config);
  }

  private boolean isOnnx() {
    return out.toString().endsWith(ONNX);
  }

  /** The model file that was named in place of a run. */
  private ExportSource file() {
    InvalidInputException.when(
        choice.iteration != null || choice.ema != null,
        "%s: --iteration and --ema choose a model of a run, allowed: a run directory",
        run);
    InvalidInputException.when(
        out.toString().endsWith(ZIP),
        "--out: %s would be a copy of %s, allowed: FILE.onnx or FILE.safetensors",
        out,
        run);
    InvalidInputException.when(
        !run.toString().endsWith(ZIP) && CheckpointFormat.of(run).isEmpty(),
        "%s: is no model file, allowed: a run directory, or a model file (.zip)",
        run);
    Path recipe = RecipeFiles.recipe(run);
    return ExportSource.of(run, Files.isRegularFile(recipe) ? recipe : null);
  }

  private String suffix() {
    if (format == null) {
      return isOnnx() ? ONNX : CheckpointFormat.of(out).map(CheckpointFormat::suffix).orElse(ZIP);
    }
    return switch (format) {
      case "dl4j" -> ZIP;
      case "safetensors" -> new SafetensorsFormat().suffix();
      case "onnx" -> ONNX;
      default ->
          throw new InvalidInputException(
              "--format: unknown value (" + format + "), allowed: dl4j, safetensors, onnx");
    };
  }

  private ExportSource source(RunDirectory directory) throws IOException {
    if (choice.ema != null) {
      if (!directory.emaRates().contains(choice.ema)) {
        throw new InvalidInputException(
            "--ema: " + run + " has no average of rate " + choice.ema + averages(directory));
      }
      return ExportSource.of(directory.ema(choice.ema), null);
    }
    if (choice.iteration != null) {
      if (!directory.mergedIterations().contains(choice.iteration)) {
        throw new InvalidInputException(
            format(
                "--iteration: %s has no merged model of iteration %s, there are: %s",
                run, choice.iteration, list(directory.mergedIterations())));
      }
      return ExportSource.of(
          directory.mergedModel(choice.iteration), directory.recipe(choice.iteration));
    }
    if (!directory.hasBest()) {
      throw new InvalidInputException(
          run + ": no search has ended, so there is no best model" + averages(directory));
    }
    return ExportSource.of(directory.bestModel(), directory.bestRecipe());
  }

  private static String averages(RunDirectory directory) throws IOException {
    return ", averages for --ema: " + list(directory.emaRates());
  }

  private static String list(List<? extends Number> numbers) {
    return numbers.isEmpty()
        ? "none"
        : numbers.stream().map(Number::toString).collect(Collectors.joining(", "));
  }
}
