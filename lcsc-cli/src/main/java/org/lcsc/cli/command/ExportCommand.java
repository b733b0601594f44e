package org.lcsc.cli.command;

import static org.lcsc.io.Text.format;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.released.Diffusers;
import org.lcsc.diffusion.unet.OnnxUNet;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.experiment.ReleasedModel;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.export.Recipe;
import org.lcsc.export.RecipeFiles;
import org.lcsc.export.TensorExport;
import org.lcsc.io.AtomicFiles;
import org.lcsc.model.ModelFile;
import org.lcsc.tensor.CheckpointFormat;
import org.lcsc.tensor.SafetensorsFormat;
import org.nd4j.linalg.api.ndarray.INDArray;
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
          "Names of the tensors in FILE.safetensors: diffusers (with config.json beside it), edm,"
              + " openai or consistency. Default: our layers'.")
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
    private Integer iteration;

    @Option(
        names = "--ema",
        paramLabel = "RATE",
        description = "The average of this rate; it has no recipe.")
    private Double ema;
  }

  /** The files written, and what they are. */
  private record Exported(List<Path> files, String text) {}

  /** A model of the run, and its recipe or null. */
  private record Source(Path model, Path recipe) {}

  @Override
  int run() throws IOException {
    OutputFile.check("--out", out, suffix());
    String name = out.getFileName().toString();
    InvalidInputException.when(
        name.equals("recipe.zip"),
        "--out: recipe.json beside it would be that of model.zip, allowed: another name than %s",
        name);
    Path outRecipe = out.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".json");
    // The recipe too where none is written: it would be taken for that of the new model.
    List<Path> replaced = new ArrayList<>(List.of(out, RecipeFiles.range(outRecipe, 0), outRecipe));
    if (isOnnx()) {
      replaced.add(card());
    }
    InvalidInputException.when(
        as != null && !out.toString().endsWith(new SafetensorsFormat().suffix()),
        "--as: names tensors of --format safetensors (%s), allowed: FILE.safetensors",
        out);
    InvalidInputException.when(
        license != null && !isOnnx(),
        "--license: stands in the model card beside a network in ONNX (%s), allowed: FILE.onnx",
        out);
    if (new Diffusers().kind().equals(as)) {
      replaced.add(networkFile());
    }
    for (Path file : replaced) {
      InvalidInputException.when(
          Files.exists(file) && !force, "%s: exists already, allowed: --force to replace it", file);
    }
    Exported exported;
    if (Files.isRegularFile(run)) {
      exported = exportTensors(file(), outRecipe);
      return written(exported);
    }
    try (RunDirectory directory = RunDirectory.open(run)) {
      Source source = source(directory);
      if (!out.toString().endsWith(ZIP) || !source.model().toString().endsWith(ZIP)) {
        exported = exportTensors(source, outRecipe);
      } else if (source.recipe() == null) {
        exported = new Exported(List.of(out), exportAverage(source, outRecipe));
      } else {
        exported = exportWithRecipe(source, outRecipe);
      }
    }
    return written(exported);
  }

  private int written(Exported exported) {
    for (Path file : exported.files()) {
      print("written: %s, %s%n", file, exported.text());
    }
    return 0;
  }

  private boolean isOnnx() {
    return out.toString().endsWith(ONNX);
  }

  private Path networkFile() {
    return out.resolveSibling("config.json");
  }

  private Path card() {
    return out.resolveSibling("README.md");
  }

  /** The model file that was named in place of a run. */
  private Source file() {
    InvalidInputException.when(
        choice.iteration != null || choice.ema != null,
        "%s: --iteration and --ema choose a model of a run, allowed: a run directory",
        run);
    InvalidInputException.when(
        out.toString().endsWith(ZIP),
        "--out: %s would be a copy of %s, allowed: FILE.onnx or FILE.safetensors",
        out,
        run);
    Path recipe = RecipeFiles.recipe(run);
    return new Source(run, Files.isRegularFile(recipe) ? recipe : null);
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

  /** As named tensors: of a network of ours, or a copy of what is such a file already. */
  private Exported exportTensors(Source source, Path outRecipe) throws IOException {
    Recipe recipe = source.recipe() == null ? null : recipe(source.recipe());
    if (recipe != null && !recipe.ranges().isEmpty() && !source.model().equals(run)) {
      throw new InvalidInputException(
          "--out: the model is of several files, one for each range of noise levels, allowed:"
              + " FILE.zip, or one of them: "
              + source.model());
    }
    boolean ours = source.model().toString().endsWith(ZIP);
    String named = isOnnx() ? ONNX : new SafetensorsFormat().suffix();
    OutputFile.check("--out", out, ours ? named : formatOf(source.model()).suffix());
    AtomicFiles.writeFile(
        out,
        file -> {
          if (ours) {
            writeNetwork(source, recipe, file);
          } else {
            Files.copy(source.model(), file);
            InvalidInputException.reading(() -> formatOf(source.model()).open(file)).close();
          }
          Files.deleteIfExists(outRecipe);
        });
    List<Path> files = isOnnx() ? List.of(out, card()) : List.of(out);
    if (recipe == null) {
      return new Exported(files, source.model().getFileName().toString());
    }
    AtomicFiles.write(outRecipe, stream -> Files.copy(source.recipe(), stream));
    return new Exported(files, text(recipe));
  }

  private void writeNetwork(Source source, Recipe recipe, Path file) throws IOException {
    ComputationGraph network = LoadedModel.restore(source.model(), source.model());
    if (recipe != null) {
      int part = RecipeFiles.of(source.recipe(), recipe).indexOf(source.model());
      InvalidInputException.when(
          part < 0, "%s: is not the model of %s", source.model(), source.recipe());
      String hash = RecipeFiles.hashes(recipe).get(part);
      LoadedModel.requireHash(source.model(), network.params(), source.recipe(), hash);
    }
    String iteration = String.valueOf(network.getConfiguration().getIterationCount());
    Map<String, String> metadata = Map.of("format", "pt", "iteration", iteration);
    if (!isOnnx() && as == null) {
      TensorExport.write(file, network, metadata);
      return;
    }
    try {
      if (!isOnnx()) {
        RunConfig run = LoadedModel.configuration(config, List.of(source.model())).getValue();
        String configuration = ReleasedModel.write(file, as, run, network, metadata);
        if (configuration != null) {
          AtomicFiles.writeString(networkFile(), configuration);
        }
        return;
      }
      try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file))) {
        OnnxUNet.write(network, Map.of("iteration", iteration), stream);
      }
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(source.model() + ": " + e.getMessage());
    }
    String named = Objects.requireNonNullElse(license, "unknown");
    ModelCard card = new ModelCard(out.getFileName().toString(), named, network, recipe);
    AtomicFiles.writeString(card(), card.toString());
  }

  private static CheckpointFormat formatOf(Path model) {
    return CheckpointFormat.of(model).orElseThrow();
  }

  private Source source(RunDirectory directory) throws IOException {
    if (choice.ema != null) {
      if (!directory.emaRates().contains(choice.ema)) {
        throw new InvalidInputException(
            "--ema: " + run + " has no average of rate " + choice.ema + averages(directory));
      }
      return new Source(directory.ema(choice.ema), null);
    }
    if (choice.iteration != null) {
      if (!directory.mergedIterations().contains(choice.iteration)) {
        throw new InvalidInputException(
            format(
                "--iteration: %s has no merged model of iteration %s, there are: %s",
                run, choice.iteration, list(directory.mergedIterations())));
      }
      return new Source(
          directory.mergedModel(choice.iteration), directory.recipe(choice.iteration));
    }
    if (!directory.hasBest()) {
      throw new InvalidInputException(
          run + ": no search has ended, so there is no best model" + averages(directory));
    }
    return new Source(directory.bestModel(), directory.bestRecipe());
  }

  private static String averages(RunDirectory directory) throws IOException {
    return ", averages for --ema: " + list(directory.emaRates());
  }

  private static String list(List<? extends Number> numbers) {
    return numbers.isEmpty()
        ? "none"
        : numbers.stream().map(Number::toString).collect(Collectors.joining(", "));
  }

  private String exportAverage(Source source, Path outRecipe) throws IOException {
    ComputationGraph[] restored = new ComputationGraph[1];
    AtomicFiles.writeFile(
        out,
        copy -> {
          // First, so that a damaged model is named as such.
          LoadedModel.restore(source.model(), source.model());
          ModelFile.copy(source.model(), copy);
          restored[0] = LoadedModel.restore(copy, source.model());
          Files.deleteIfExists(outRecipe);
        });
    RecipeFiles.deleteOthers(outRecipe, List.of(out));
    return "ema-"
        + source.model().getFileName().toString().replaceFirst("\\.zip$", "")
        + " of iteration "
        + restored[0].getConfiguration().getIterationCount();
  }

  /**
   * The copies are checked, not the originals, which a training may replace at any time. The model
   * appears first: where there is a recipe, there is its model.
   */
  private Exported exportWithRecipe(Source source, Path outRecipe) throws IOException {
    if (!Files.exists(source.recipe())) {
      throw new InvalidInputException(
          source.recipe() + ": no such file, so " + source.model() + " may not be whole");
    }
    byte[] json = Files.readAllBytes(source.recipe());
    Recipe recipe = recipe(source.recipe());
    List<Path> models = RecipeFiles.of(source.recipe(), recipe);
    List<Path> files = RecipeFiles.of(outRecipe, recipe);
    List<String> hashes = RecipeFiles.hashes(recipe);
    List<Path> fresh = files.stream().filter(file -> !Files.exists(file)).toList();
    boolean whole = false;
    try {
      AtomicFiles.write(
          outRecipe,
          stream -> {
            stream.write(json);
            for (int range = 0; range < files.size(); range++) {
              Path model = models.get(range);
              String hash = hashes.get(range);
              AtomicFiles.writeFile(
                  files.get(range),
                  copy -> {
                    LoadedModel.restore(model, model);
                    ModelFile.copy(model, copy);
                    INDArray parameters = LoadedModel.restore(copy, model).params();
                    LoadedModel.requireHash(model, parameters, source.recipe(), hash);
                  });
            }
          });
      whole = true;
    } finally {
      for (Path file : whole ? List.<Path>of() : fresh) {
        Files.deleteIfExists(file);
      }
    }
    RecipeFiles.deleteOthers(outRecipe, files);
    return new Exported(files, text(recipe));
  }

  private static String text(Recipe recipe) {
    StringBuilder text = new StringBuilder();
    text.append(recipe.model()).append(" of iteration ").append(recipe.iteration());
    text.append(format(", validation score %.3f", recipe.validationScore()));
    recipe
        .reportScores()
        .forEach((name, score) -> text.append(format(", fresh %s %.3f", name, score)));
    return text.toString();
  }

  private static Recipe recipe(Path file) {
    try {
      return Recipe.read(file);
    } catch (IOException e) {
      throw new InvalidInputException(e);
    }
  }
}
