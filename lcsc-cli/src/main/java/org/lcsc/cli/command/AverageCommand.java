package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.averaging.LawaCoefficients;
import org.lcsc.averaging.PowerEmaCoefficients;
import org.lcsc.averaging.PowerProfile;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.config.Require;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.config.OwnSearchConfig;
import org.lcsc.export.RecipeCoefficients;
import org.lcsc.tensor.TensorFolder;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Averages checkpoint files of any framework. */
@Command(
    name = "average",
    description = {
      "Average checkpoint files of any framework: safetensors, npz, PyTorch's .pt.",
      "A file's iteration is the number after step or iter in its name, else the last whole number"
          + " that is no epoch, metric, version, seed or rank."
          + " The average is a file of the same format; what is not floating-point, or excluded, is"
          + " that of the newest checkpoint."
    })
final class AverageCommand extends TextCommand {

  @Parameters(paramLabel = "FOLDER", description = "Directory of the checkpoints.")
  private Path folder;

  @ArgGroup(multiplicity = "1")
  private Kind kind;

  @Option(
      names = "--exclude",
      paramLabel = "REGEX",
      description = "Tensors, by their whole names, that are not averaged; may be repeated.")
  private List<String> exclude = List.of();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The average to write, in the format of the checkpoints.")
  private Path out;

  @Option(names = "--force", description = "Replace FILE.")
  private boolean force;

  /** Which average. */
  private static final class Kind {

    @Option(names = "--uniform", description = "The mean of all.")
    private boolean uniform;

    @Option(
        names = "--ema",
        paramLabel = "RATE",
        description = "The exponential moving average of this rate per iteration, below 1.")
    private Double ema;

    @Option(
        names = "--power",
        paramLabel = "SIGMA",
        description = "The power-function average of this relative width (EDM2: 0.05, 0.1).")
    private Double power;

    @Option(names = "--last", paramLabel = "N", description = "The mean of the newest N (LAWA).")
    private Integer last;

    @Option(
        names = "--recipe",
        paramLabel = "FILE",
        description =
            "JSON with checkpoints (iterations) and coefficients of sum 1, or groups of parameters"
                + " with coefficients each, such as the recipe of a search.")
    private Path recipe;

    double[] coefficients(TensorFolder checkpoints) {
      long[] iterations = checkpoints.iterations();
      if (ema != null) {
        return EmaCoefficients.of(Require.fromBelow("--ema", ema, 0, 1), iterations);
      }
      if (power != null) {
        Require.aboveTo("--power", power, 0, PowerProfile.WIDEST);
        InvalidInputException.when(
            iterations[0] < 1,
            "--power: the checkpoint of iteration 0 lies outside every such average, allowed:"
                + " checkpoints from iteration 1 on");
        return PowerEmaCoefficients.of(power, iterations);
      }
      if (last != null) {
        Require.between("--last", last, 1, iterations.length);
        return LawaCoefficients.of(last, iterations.length);
      }
      return LawaCoefficients.of(iterations.length, iterations.length);
    }

    @Override
    public String toString() {
      return ema != null
          ? "EMA of rate " + ema
          : power != null
              ? "power-function average of width " + power
              : last != null
                  ? "mean of the newest " + last
                  : recipe != null ? "combination of " + recipe : "mean";
    }
  }

  @Override
  int run() throws IOException {
    for (String expression : exclude) {
      Require.pattern("--exclude", expression, OwnSearchConfig.OF_TENSORS);
    }
    TensorFolder checkpoints =
        InvalidInputException.reading(() -> TensorFolder.open(folder, exclude));
    OutputFile.check("--out", out, checkpoints.format().suffix(), force);
    InvalidInputException.when(
        liesAmong(checkpoints),
        "--out: %s: lies among the checkpoints, where it would be taken for one, allowed: another"
            + " directory",
        out);
    if (kind.recipe == null) {
      checkpoints.average(kind.coefficients(checkpoints), out);
    } else {
      checkpoints = combine(kind.recipe, checkpoints);
    }
    long[] iterations = checkpoints.iterations();
    print(
        "written: %s, %s, %d checkpoints of iterations %d to %d, %,d parameters, %d tensors"
            + " copied from the newest%n",
        out,
        kind,
        iterations.length,
        iterations[0],
        iterations[iterations.length - 1],
        checkpoints.layout().parameters(),
        checkpoints.layout().copied());
    return 0;
  }

  /** Whether the file would be in the folder, or in the directory of a checkpoint of its own. */
  private boolean liesAmong(TensorFolder checkpoints) throws IOException {
    Path directory = out.toAbsolutePath().normalize().getParent();
    if (!Files.exists(directory)) {
      return false;
    }
    boolean among = Files.isSameFile(directory, folder);
    for (CheckpointFile checkpoint : checkpoints.checkpoints()) {
      among |= Files.isSameFile(directory, checkpoint.file().toAbsolutePath().getParent());
    }
    return among;
  }

  /**
   * Writes what a recipe says.
   *
   * @return the checkpoints that it names
   */
  private TensorFolder combine(Path file, TensorFolder all) throws IOException {
    RecipeCoefficients recipe = InvalidInputException.reading(() -> RecipeCoefficients.read(file));
    List<CheckpointFile> named =
        all.checkpoints().stream()
            .filter(c -> Arrays.stream(recipe.checkpoints()).anyMatch(i -> i == c.iteration()))
            .toList();
    double[] coefficients =
        InvalidInputException.reading(
            () -> recipe.over(named.stream().mapToLong(CheckpointFile::iteration).toArray()));
    TensorFolder checkpoints =
        InvalidInputException.reading(() -> TensorFolder.of(folder, named, exclude));
    long parameters = checkpoints.layout().parameters();
    InvalidInputException.when(
        recipe.parameters() != null && recipe.parameters() != parameters,
        "%s: parameters: is for %s, but %s would be combined, allowed: --exclude of what the search"
            + " excluded",
        file,
        recipe.parameters(),
        parameters);
    try {
      checkpoints.average(recipe.parameterGroups(parameters), coefficients, out);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(file + ": groups: " + e.getMessage());
    }
    return checkpoints;
  }
}
