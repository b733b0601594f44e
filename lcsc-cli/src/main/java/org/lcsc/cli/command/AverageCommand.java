package org.lcsc.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.averaging.LawaCoefficients;
import org.lcsc.averaging.PowerEmaCoefficients;
import org.lcsc.averaging.PowerProfile;
import org.lcsc.averaging.UniformCoefficients;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.config.Require;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.io.Json;
import org.lcsc.io.Text;
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
      "The last number in a file's name is its iteration. The average is a file of the same format;"
          + " what is not floating-point, or excluded, is that of the newest checkpoint."
    })
final class AverageCommand extends TextCommand {

  /** How far the sum of a recipe's coefficients may be from 1. */
  private static final double ROUNDING = 1e-6;

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
      return UniformCoefficients.of(iterations.length);
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
    TensorFolder checkpoints =
        InvalidInputException.reading(() -> TensorFolder.open(folder, exclude));
    OutputFile.check("--out", out, checkpoints.format().suffix());
    for (CheckpointFile checkpoint : checkpoints.checkpoints()) {
      if (checkpoint.file().toAbsolutePath().normalize().equals(out.toAbsolutePath().normalize())) {
        throw new InvalidInputException("--out: is one of the checkpoints (" + out + ")");
      }
    }
    if (kind.recipe == null) {
      checkpoints.average(kind.coefficients(checkpoints), out);
    } else {
      combine(kind.recipe, checkpoints);
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

  /** What a recipe says of some of the checkpoints; the others have the coefficient 0. */
  private void combine(Path file, TensorFolder checkpoints) throws IOException {
    JsonNode root = InvalidInputException.reading(() -> Json.read(file));
    InvalidInputException.when(
        !root.path("ranges").isEmpty(),
        "%s: ranges: is of a model for each of several ranges of noise levels, allowed: a recipe"
            + " with coefficients or groups",
        file);
    long[] named =
        numbers(file, root, "", "checkpoints").stream().mapToLong(JsonNode::longValue).toArray();
    InvalidInputException.when(
        !numbers(file, root, "", "checkpoints").stream().allMatch(AverageCommand::isWhole),
        "%s: checkpoints: must be iterations, whole numbers (%s)",
        file,
        root.path("checkpoints"));
    InvalidInputException.when(
        Arrays.stream(named).distinct().count() < named.length,
        "%s: checkpoints: names an iteration twice (%s), allowed: once",
        file,
        root.path("checkpoints"));
    JsonNode groups = root.path("groups");
    if (groups.isEmpty()) {
      checkpoints.average(coefficients(file, "", root, named, checkpoints.iterations()), out);
      return;
    }
    InvalidInputException.when(
        !root.path("coefficients").isEmpty(),
        "%s: coefficients: has no effect beside groups, allowed: one of both",
        file);
    List<String> names = new ArrayList<>();
    List<ParameterGroups.Segment> segments = new ArrayList<>();
    List<double[]> all = new ArrayList<>();
    for (JsonNode group : groups) {
      String key = "groups[" + all.size() + "].";
      for (JsonNode segment : group.path("parameters")) {
        InvalidInputException.when(
            segment.size() != 2 || !isWhole(segment.get(0)) || !isWhole(segment.get(1)),
            "%s: %sparameters: no segment (%s), allowed: [first, the one after the last]",
            file,
            key,
            segment);
        segments.add(
            new ParameterGroups.Segment(
                all.size(), segment.get(0).longValue(), segment.get(1).longValue()));
      }
      names.add(group.path("name").asText(key));
      all.add(coefficients(file, key, group, named, checkpoints.iterations()));
    }
    segments.sort(Comparator.comparingLong(ParameterGroups.Segment::from));
    try {
      checkpoints.average(
          new ParameterGroups(names, segments),
          all.stream().flatMapToDouble(Arrays::stream).toArray(),
          out);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(file + ": groups: " + e.getMessage());
    }
  }

  private static double[] coefficients(
      Path file, String where, JsonNode root, long[] named, long[] iterations) {
    double[] values =
        numbers(file, root, where, "coefficients").stream()
            .mapToDouble(JsonNode::doubleValue)
            .toArray();
    double sum = Arrays.stream(values).sum();
    if (named.length != values.length || !(Math.abs(sum - 1) <= ROUNDING)) {
      throw new InvalidInputException(
          Text.format(
              "%s: %s%d coefficients of sum %s for %d checkpoints, allowed: one for each, of sum 1",
              file,
              where.isEmpty() ? "" : where + "coefficients: ",
              values.length,
              sum,
              named.length));
    }
    double[] coefficients = new double[iterations.length];
    for (int i = 0; i < named.length; i++) {
      int k = Arrays.binarySearch(iterations, named[i]);
      InvalidInputException.when(
          k < 0,
          "%s: there is no checkpoint of iteration %s, allowed: those of the folder",
          file,
          named[i]);
      coefficients[k] = values[i];
    }
    return coefficients;
  }

  private static boolean isWhole(JsonNode number) {
    return number.isIntegralNumber() && number.canConvertToLong();
  }

  private static List<JsonNode> numbers(Path file, JsonNode root, String where, String key) {
    List<JsonNode> numbers = StreamSupport.stream(root.path(key).spliterator(), false).toList();
    if (numbers.isEmpty() || !numbers.stream().allMatch(JsonNode::isNumber)) {
      throw new InvalidInputException(
          file + ": " + where + key + ": is no list of numbers, allowed: one for each checkpoint");
    }
    return numbers;
  }
}
