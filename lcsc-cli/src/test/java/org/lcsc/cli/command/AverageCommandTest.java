package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.averaging.PowerEmaCoefficients;
import org.lcsc.tensor.SafetensorsFile;
import org.lcsc.tensor.SafetensorsFormat;
import org.lcsc.tensor.Tensor;
import org.lcsc.tensor.TensorFile;
import org.lcsc.tensor.TensorType;

class AverageCommandTest extends CommandLineTest {

  private static final Tensor WEIGHT = new Tensor("weight", TensorType.FLOAT32, List.of(1L));
  private static final Tensor STEPS = new Tensor("steps", TensorType.INT64, List.of());

  /** The weight of iteration 100 k is k. */
  @BeforeEach
  void save() throws IOException {
    Files.createDirectory(directory.resolve("run"));
    for (int k = 1; k <= 4; k++) {
      int value = k;
      SafetensorsFile.write(
          directory.resolve("run/step-" + 100 * k + ".safetensors"),
          List.of(WEIGHT, STEPS),
          Map.of("step", String.valueOf(100 * k)),
          (tensor, from, target) -> {
            target.order(ByteOrder.LITTLE_ENDIAN);
            if (tensor == WEIGHT) {
              target.putFloat(value);
            } else {
              target.putLong(100L * value);
            }
          });
    }
  }

  private Path out() {
    return directory.resolve("out.safetensors");
  }

  private int exitCode(Object... options) {
    Object[] fixed = {"average", directory.resolve("run"), "--force", "--out", out()};
    return lcsc(Stream.concat(Arrays.stream(fixed), Arrays.stream(options)).toArray());
  }

  private float average(Object... options) throws IOException {
    assertThat(exitCode(options)).as(err.toString()).isZero();
    try (TensorFile file = new SafetensorsFormat().open(out())) {
      assertThat(file.metadata()).containsEntry("step", "400");
      ByteBuffer steps = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      file.read(STEPS, 0, steps);
      assertThat(steps.getLong(0)).isEqualTo(400);
      ByteBuffer weight = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      file.read(WEIGHT, 0, weight);
      return weight.getFloat(0);
    }
  }

  private static float expected(double[] coefficients) {
    return (float)
        (coefficients[0] + 2 * coefficients[1] + 3 * coefficients[2] + 4 * coefficients[3]);
  }

  @Test
  void everyKindOfAverage() throws IOException {
    long[] iterations = {100, 200, 300, 400};
    assertThat(average("--uniform")).isEqualTo(2.5f);
    assertThat(average("--last", 2)).isEqualTo(3.5f);
    assertThat(out.toString())
        .contains("written: " + out() + ", mean of the newest 2, 4 checkpoints of iterations 100")
        .contains("1 parameters, 1 tensors copied from the newest");
    assertThat(average("--ema", 0.99))
        .isCloseTo(expected(EmaCoefficients.of(0.99, iterations)), within(1e-6f));
    assertThat(average("--power", 0.1))
        .isCloseTo(expected(PowerEmaCoefficients.of(0.1, iterations)), within(1e-6f));
    Path recipe = directory.resolve("recipe.json");
    Files.writeString(recipe, "{\"checkpoints\": [100, 400], \"coefficients\": [-0.5, 1.5]}");
    assertThat(average("--recipe", recipe)).isEqualTo(5.5f);
  }

  @Test
  void whatARecipeDoesNotCombineIsOfTheNewestThatItNames() throws IOException {
    Path recipe = directory.resolve("recipe.json");
    Files.writeString(
        recipe, "{\"checkpoints\": [100, 300], \"coefficients\": [1.5, -0.5], \"parameters\": 1}");
    assertThat(exitCode("--recipe", recipe)).as(err.toString()).isZero();
    try (TensorFile file = new SafetensorsFormat().open(out())) {
      assertThat(file.metadata()).containsEntry("step", "300");
      ByteBuffer steps = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      file.read(STEPS, 0, steps);
      assertThat(steps.getLong(0)).isEqualTo(300);
      assertThat(file.floats(WEIGHT)).containsExactly(0);
    }
    assertThat(out.toString()).contains("2 checkpoints of iterations 100 to 300");
  }

  private void refusesToAverage(String message, Object... options) {
    assertThat(exitCode(options)).as(err.toString()).isEqualTo(2);
    assertThat(err.toString().lines().findFirst().orElseThrow()).contains(message);
    assertThat(out()).doesNotExist();
  }

  @Test
  void anAverageThatIsNotFiniteIsNotWritten() throws IOException {
    SafetensorsFile.write(
        directory.resolve("run/step-200.safetensors"),
        List.of(WEIGHT, STEPS),
        Map.of(),
        (tensor, from, target) -> {
          target.order(ByteOrder.LITTLE_ENDIAN);
          if (tensor == WEIGHT) {
            target.putFloat(Float.NaN);
          } else {
            target.putLong(200L);
          }
        });
    assertThat(exitCode("--uniform")).isEqualTo(1);
    assertThat(err.toString())
        .hasLineCount(1)
        .contains("the combination of " + WEIGHT.name() + " is not finite in F32, allowed: ");
    assertThat(out()).doesNotExist();
    assertThat(exitCode("--last", 2)).as("without that checkpoint").isZero();
  }

  @Test
  void badInputIsOneLine() throws IOException {
    refusesToAverage("--ema: out of range (1.0)", "--ema", 1);
    refusesToAverage("--last: out of range (5), allowed: 1 to 4", "--last", 5);
    refusesToAverage("--power: out of range", "--power", 0.5);
    refusesToAverage(
        "exclude[0]: matches no whole name of a tensor (bias)", "--uniform", "--exclude", "bias");
    refusesToAverage("--exclude: no regular expression ((:", "--uniform", "--exclude", "(");
    refusesToAverage("mutually exclusive", "--uniform", "--last", 2);
    refusesToAverage("no floating-point tensor", "--uniform", "--exclude", "wei.*");
    Path recipe = directory.resolve("recipe.json");
    refusesToAverage("no such file", "--recipe", recipe);
    Files.writeString(recipe, "{\"checkpoints\": [100, 400], \"coefficients\": [0.5, 0.6]}");
    refusesToAverage("of sum 1.1 for 2 checkpoints", "--recipe", recipe);
    Files.writeString(recipe, "{\"checkpoints\": [100, 500], \"coefficients\": [0.5, 0.5]}");
    refusesToAverage("there is no checkpoint of iteration 500", "--recipe", recipe);
    Files.writeString(recipe, "{\"checkpoints\": [100, 400], \"groups\": []}");
    String noNumbers = "coefficients: is no list of numbers, allowed: one for each checkpoint";
    refusesToAverage(recipe + ": " + noNumbers, "--recipe", recipe);
    for (String wrong : List.of("0.5", "[0.5, \"0.5\"]", "[0.5, null]", "[0.5, [0.5]]")) {
      Files.writeString(recipe, "{\"checkpoints\": [100, 400], \"coefficients\": " + wrong + "}");
      refusesToAverage(recipe + ": " + noNumbers, "--recipe", recipe);
    }
    Files.writeString(recipe, "{\"groups\": [{\"coefficients\": true}]}");
    refusesToAverage(recipe + ": groups[0]." + noNumbers, "--recipe", recipe);
    String sums = "{\"checkpoints\": [100, 400], \"coefficients\": [0.5, 0.5], \"parameters\": ";
    Files.writeString(recipe, sums + "3}");
    refusesToAverage(
        recipe + ": parameters: is for 3, but 1 would be combined, allowed: --exclude",
        "--recipe",
        recipe);
    Files.writeString(recipe, sums + "[3]}");
    refusesToAverage(recipe + ": parameters: is no whole number", "--recipe", recipe);
    Files.writeString(recipe, "[1]");
    refusesToAverage(recipe + ": no recipe: ", "--recipe", recipe);
    Files.writeString(recipe, "{");
    refusesToAverage("is not JSON: ", "--recipe", recipe);
    Path first = directory.resolve("run/step-100.safetensors");
    byte[] whole = Files.readAllBytes(first);
    Files.write(first, Arrays.copyOf(whole, whole.length - 3));
    refusesToAverage(first + ": is cut short", "--uniform");
  }

  @Test
  void aCheckpointIsNotOverwritten() throws IOException {
    Path run = directory.resolve("run");
    Path own = Files.createDirectory(directory.resolve("run/step-500"));
    Files.copy(directory.resolve("run/step-400.safetensors"), own.resolve("model.safetensors"));
    for (String name :
        List.of("step-400.safetensors", "ema0.99.safetensors", "step-500/model.safetensors")) {
      Path out = run.resolve(name);
      String message = "--out: " + out + ": lies among the checkpoints";
      refuses(message, "average", run, "--uniform", "--force", "--out", out);
    }
  }

  /** Of iteration 100 k: a is [k, k], b is [10 k, 10 k, 10 k]. */
  private void saveTwoTensors() throws IOException {
    List<Tensor> tensors =
        List.of(
            new Tensor("a", TensorType.FLOAT32, List.of(2L)),
            new Tensor("b", TensorType.FLOAT32, List.of(3L)));
    for (int k = 1; k <= 4; k++) {
      int value = k;
      SafetensorsFile.write(
          directory.resolve("run/step-" + 100 * k + ".safetensors"),
          tensors,
          Map.of(),
          (tensor, from, target) -> {
            target.order(ByteOrder.LITTLE_ENDIAN);
            while (target.hasRemaining()) {
              target.putFloat(tensor.name().equals("a") ? value : 10 * value);
            }
          });
    }
  }

  private List<Float> values() throws IOException {
    List<Float> values = new ArrayList<>();
    try (TensorFile file = new SafetensorsFormat().open(out())) {
      for (Tensor tensor : file.tensors()) {
        for (float value : file.floats(tensor)) {
          values.add(value);
        }
      }
    }
    return values;
  }

  private Path groups(String first, String second) throws IOException {
    return Files.writeString(
        directory.resolve("groups.json"),
        ("{'checkpoints': [100, 400], 'coefficients': [], 'groups': ["
                + "{'name': 'x', 'parameters': %s, 'coefficients': [-0.5, 1.5]},"
                + "{'name': 'y', 'parameters': %s, 'coefficients': [0.5, 0.5]}]}")
            .formatted(first, second)
            .replace((char) 39, (char) 34));
  }

  @Test
  void groupsOfARecipeHaveTheirOwnCoefficients() throws IOException {
    saveTwoTensors();
    assertThat(exitCode("--recipe", groups("[[0, 2]]", "[[2, 5]]"))).as(err.toString()).isZero();
    assertThat(values()).containsExactly(5.5f, 5.5f, 25f, 25f, 25f);
    assertThat(exitCode("--recipe", groups("[[0, 1], [3, 5]]", "[[1, 3]]"))).isZero();
    assertThat(values()).containsExactly(5.5f, 2.5f, 25f, 55f, 55f);
  }

  @Test
  void groupsThatDoNotFitAreOneLine() throws IOException {
    saveTwoTensors();
    Path gap = groups("[[0, 2]]", "[[3, 5]]");
    refusesToAverage(
        gap + ": groups: segments must follow one another without gaps", "--recipe", gap);
    refusesToAverage(
        "groups: groups must hold the 5 parameters that are combined, got 4",
        "--recipe",
        groups("[[0, 2]]", "[[2, 4]]"));
    refusesToAverage(
        "groups[1].parameters: no segment ([2]), allowed: [first, the one after the last]",
        "--recipe",
        groups("[[0, 2]]", "[[2]]"));
    Path recipe = directory.resolve("recipe.json");
    Files.writeString(
        recipe,
        "{\"checkpoints\": [100], \"groups\": [{\"name\": \"x\", \"parameters\": [[0, 5]],"
            + " \"coefficients\": [2]}]}");
    refusesToAverage("groups[0].coefficients: 1 coefficients of sum 2.0", "--recipe", recipe);
    Files.writeString(recipe, "{\"checkpoints\": [100, 100], \"coefficients\": [0.5, 0.5]}");
    refusesToAverage("checkpoints: names an iteration twice ([100,100])", "--recipe", recipe);
    Files.writeString(recipe, "{\"checkpoints\": [100.5, 400], \"coefficients\": [0.5, 0.5]}");
    refusesToAverage(
        "checkpoints: must be iterations, whole numbers ([100.5,400])", "--recipe", recipe);
    Files.writeString(recipe, "{\"checkpoints\": [100, 400], \"ranges\": [{\"fromSigma\": 0}]}");
    refusesToAverage(
        recipe + ": ranges: is of a model for each of several ranges of noise levels",
        "--recipe",
        recipe);
  }
}
