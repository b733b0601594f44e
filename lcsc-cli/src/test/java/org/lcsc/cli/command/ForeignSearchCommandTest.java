package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.export.Recipe;
import org.lcsc.search.SearchLog;
import org.lcsc.tensor.SafetensorsFile;
import org.lcsc.tensor.SafetensorsFormat;
import org.lcsc.tensor.Tensor;
import org.lcsc.tensor.TensorFile;
import org.lcsc.tensor.TensorType;

/** Searches of safetensors files that a command scores: the squared distance of a weight from 3. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the scorers are for a POSIX shell")
class ForeignSearchCommandTest extends CommandLineTest {

  private static final Tensor BIAS = new Tensor("head.bias", TensorType.FLOAT32, List.of(2L));
  private static final Tensor WEIGHT = new Tensor("weight", TensorType.FLOAT32, List.of(1L));

  /** The last four bytes of a file are the weight. */
  static final String DISTANCE =
      "x=$(tail -c 4 {model} | od -An -tf4); awk \"BEGIN { print ($x - 3) ^ 2 }\"";

  private static final String PERSISTENT =
      "while read -r model; do x=$(tail -c 4 $model | od -An -tf4);"
          + " awk \"BEGIN { print ($x - 3) ^ 2 }\"; done";

  static void save(Path file, float weight) throws IOException {
    SafetensorsFile.write(
        file,
        List.of(BIAS, WEIGHT),
        Map.of("by", "test"),
        (tensor, from, target) -> {
          target.order(ByteOrder.LITTLE_ENDIAN);
          while (target.hasRemaining()) {
            target.putFloat(tensor == WEIGHT ? weight : 1);
          }
        });
  }

  @BeforeEach
  void saveCheckpoints() throws IOException {
    Files.createDirectory(directory.resolve("checkpoints"));
    for (int k = 1; k <= 4; k++) {
      save(directory.resolve("checkpoints/step-" + 10 * k + ".safetensors"), 2 * k);
    }
  }

  int search(String objective, String more, String... options) throws IOException {
    Path file = directory.resolve("search.yaml");
    Files.writeString(
        file,
        """
        objective: %s
        lcsc:
          window: 40
          interval: 10
          searchAt: [40]
          search: { evaluations: 80, strategy: evolution, seed: 7 }
        output: %s
        %s
        """
            .formatted(objective, directory.resolve("run"), more));
    Object[] fixed = {"search", file, "--checkpoints", directory.resolve("checkpoints")};
    return lcsc(Stream.concat(Arrays.stream(fixed), Arrays.stream(options)).toArray());
  }

  static String command(String run, String... more) {
    return "{ kind: command, run: '"
        + run.replace("'", "''")
        + "'"
        + (more.length == 0 ? "" : ", " + String.join(", ", more))
        + " }";
  }

  float weight(Path file) throws IOException {
    try (TensorFile open = new SafetensorsFormat().open(file)) {
      assertThat(open.metadata()).containsEntry("by", "test");
      ByteBuffer value = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      open.read(WEIGHT, 0, value);
      return value.getFloat(0);
    }
  }

  private byte[] best() throws IOException {
    return Files.readAllBytes(directory.resolve("run/lcsc/best.safetensors"));
  }

  @Test
  void findsTheCombinationWithEverythingAWholeSearchHas() throws IOException {
    assertThat(search(command(DISTANCE), "")).as(err.toString()).isZero();
    assertThat(out.toString()).contains("LCSC").contains("last").contains("uniform");
    Path run = directory.resolve("run");
    assertThat(Math.abs(weight(run.resolve("lcsc/best.safetensors")) - 3)).isLessThan(0.1f);
    assertThat(run.resolve("lcsc/40/model.safetensors")).exists();
    assertThat(run.resolve("lcsc/40/search.csv")).exists();
    Recipe recipe = Recipe.read(run.resolve("lcsc/40/recipe.json"));
    assertThat(recipe.checkpoints()).containsExactly(10, 20, 30, 40);
    assertThat(recipe.search().evaluations()).isEqualTo(80);
    assertThat(run.resolve("results.json")).exists();
    assertThat(run.resolve("state")).doesNotExist();

    Path exported = directory.resolve("exported.safetensors");
    succeeds("export", run, "--out", exported);
    assertThat(exported).hasBinaryContent(best());
    assertThat(directory.resolve("exported.json")).exists();
    assertThat(lcsc("export", run, "--out", directory.resolve("m.zip"))).isEqualTo(2);
    assertThat(err.toString()).contains("ends in .safetensors");

    // The recipe alone makes the model again from the files.
    Path again = directory.resolve("again.safetensors");
    Path checkpoints = directory.resolve("checkpoints");
    Path of = run.resolve("lcsc/40/recipe.json");
    succeeds("average", checkpoints, "--recipe", of, "--out", again);
    assertThat(Math.abs(weight(again) - weight(run.resolve("lcsc/40/model.safetensors"))))
        .isLessThan(1e-5f);
  }

  @Test
  void anAverageThatTheTrainingKeptIsOneOfTheBaselines() throws IOException {
    Path ema = directory.resolve("the ema=0.9.safetensors");
    save(ema, 3);
    assertThat(search(command(DISTANCE), "", "--ema", "0.9=" + ema)).as(err.toString()).isZero();
    Path run = directory.resolve("run");
    // Nothing is nearer to 3 than it is.
    assertThat(out.toString()).contains("ema-0.9 ");
    assertThat(weight(run.resolve("lcsc/best.safetensors"))).isEqualTo(3);
    assertThat(weight(run.resolve("ema/0.9.safetensors"))).isEqualTo(3);
    assertThat(Recipe.read(run.resolve("lcsc/40/recipe.json")).baselines())
        .anyMatch(baseline -> baseline.model().equals("ema-0.9"));

    // An average that the run itself has written is not deleted with the run.
    String own = "0.9=" + run.resolve("ema/0.9.safetensors");
    assertThat(search(command(DISTANCE), "", "--overwrite", "--ema", own)).isEqualTo(2);
    assertThat(err.toString()).contains("which is needed, allowed: another output");
    assertThat(run.resolve("ema/0.9.safetensors")).exists();
  }

  @Test
  void optionsWithoutAnEffectAreOneLine() throws IOException {
    assertThat(search(command(DISTANCE), "", "--epochs")).isEqualTo(2);
    assertThat(err.toString()).contains("--epochs: has no effect with files of named tensors");
    assertThat(search(command(DISTANCE), "", "--newest", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("--newest: too small (0), allowed: 2 or more");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0.9=FILE      | 0.9=FILE      | --ema:
          0.9           | 0.8=FILE      | must be RATE=FILE, got 0.9
          x=FILE        | 0.8=FILE      | must be RATE=FILE, got x=
          1.5=FILE      | 0.8=FILE      | an EMA rate must lie in [0, 1) in float32, 0.999
          0.9=none.npz  | 0.8=FILE      | none.npz: no such file
          0.9=OTHER     | 0.8=FILE      | other.safetensors lacks tensor head.bias
          """)
  void anAverageThatIsNoneIsOneLine(String first, String second, String message)
      throws IOException {
    Path file = directory.resolve("ema.safetensors");
    Path other = directory.resolve("other.safetensors");
    save(file, 3);
    SafetensorsFile.write(
        other, List.of(WEIGHT), Map.of(), (tensor, from, target) -> target.putFloat(1));
    String[] given = {"--ema", first, "--ema", second};
    for (int i = 1; i < given.length; i += 2) {
      given[i] = given[i].replace("FILE", file.toString()).replace("OTHER", other.toString());
    }
    assertThat(search(command(DISTANCE), "", given)).isEqualTo(2);
    assertThat(err.toString()).contains(message);
    assertThat(directory.resolve("run")).doesNotExist();
  }

  @Test
  void theTryIsWhereTheSearchWritesAndLeavesNothing() throws IOException {
    Path tried = directory.resolve("tried");
    Path output = directory.resolve("new one/run");
    String there = "touch {model}.cache; echo {model} > '" + tried + "'; ";
    String place = "output=" + output;
    assertThat(search(command(there + "exit 1"), "", "--set", place)).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(tried).content().startsWith(output.toString());
    assertThat(output.getParent()).doesNotExist();

    assertThat(search(command(there + "echo 1.0"), "", "--set", place)).as(err.toString()).isZero();
    try (Stream<Path> left = Files.list(output)) {
      assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith(".probe"));
    }
  }

  @Test
  void searchesTheWindowThatHadEndedAtAnIteration() throws IOException {
    assertThat(search(command(DISTANCE), "", "--iteration", "35")).as(err.toString()).isZero();
    Recipe recipe = Recipe.read(directory.resolve("run/lcsc/30/recipe.json"));
    assertThat(recipe.checkpoints()).containsExactly(10, 20, 30);
    byte[] asOfThen = best();

    // The same to the bit as if the training had stopped there.
    Files.delete(directory.resolve("checkpoints/step-40.safetensors"));
    assertThat(search(command(DISTANCE), "", "--overwrite")).as(err.toString()).isZero();
    assertThat(best()).isEqualTo(asOfThen);

    assertThat(search(command(DISTANCE), "", "--overwrite", "--iteration", "40")).isEqualTo(2);
    assertThat(err.toString())
        .contains("has no checkpoint of iteration 40, the one before it is of iteration 30");
    assertThat(search(command(DISTANCE), "", "--overwrite", "--iteration", "9")).isEqualTo(2);
    assertThat(err.toString())
        .contains("has no checkpoint up to iteration 9, its first is of iteration 10");
    assertThat(best()).isEqualTo(asOfThen);
  }

  /** Before any work, and before the run's directory is made. */
  @Test
  void aLimitWithinWhichTheCheckpointsThereAreCannotBeCombinedIsRefused() throws IOException {
    String[] limit = {
      "--set", "lcsc.search.strategy={ kind: evolution, limit: 0.3 }", "--newest", "3"
    };
    assertThat(search(command(DISTANCE), "", limit)).isEqualTo(2);
    assertThat(err.toString())
        .hasLineCount(1)
        .contains(
            "search.yaml: lcsc.search.strategy.limit: too small (0.3), the coefficients of 3"
                + " checkpoints");
    assertThat(directory.resolve("run")).doesNotExist();
    assertThat(search(command(DISTANCE), "", limit[0], limit[1])).as(err.toString()).isZero();
  }

  @Test
  void iterationsMayCountSamples() throws IOException {
    for (int k = 1; k <= 4; k++) {
      save(
          directory.resolve("checkpoints/samples-" + (3_003_000_000L + 10 * k) + ".safetensors"),
          k);
    }
    assertThat(search(command(PERSISTENT, "persistent: true"), "")).as(err.toString()).isZero();
    Path exported = directory.resolve("exported.safetensors");
    succeeds("export", directory.resolve("run"), "--iteration", "3003000040", "--out", exported);
    succeeds("report", directory.resolve("run"));
    assertThat(directory.resolve("run/report.html")).content().contains("3,003,000,040");
  }

  @Test
  void aProgramReadsTheResultsFromStandardOutput() throws IOException {
    assertThat(search(command(PERSISTENT, "persistent: true"), "", "--json"))
        .as(err.toString())
        .isZero();
    assertThat(out.toString())
        .isEqualTo(Files.readString(directory.resolve("run/results.json")))
        .contains("\"emaStar\"");
  }

  @Test
  void severalAtATimeAndAPersistentScorerFindTheSame() throws IOException {
    assertThat(search(command(DISTANCE), "")).as(err.toString()).isZero();
    byte[] one = best();
    assertThat(search(command(DISTANCE, "parallel: 3"), "", "--overwrite")).isZero();
    assertThat(best()).isEqualTo(one);
    assertThat(search(command(PERSISTENT, "persistent: true"), "", "--overwrite")).isZero();
    assertThat(best()).isEqualTo(one);
  }

  @ParameterizedTest
  @ValueSource(strings = {"algorithm-1", "cma-es", "pca-cma-es", "greedy-soup"})
  void everyStrategyThatAsksForScoresWorks(String strategy) throws IOException {
    assertThat(
            search(
                command(PERSISTENT, "persistent: true"),
                "",
                "--set",
                "lcsc.search.strategy=" + strategy))
        .as(err.toString())
        .isZero();
    assertThat(directory.resolve("run/lcsc/best.safetensors")).exists();
  }

  @Test
  void groupsAreOfTensors() throws IOException {
    assertThat(
            search(
                command(PERSISTENT, "persistent: true"), "", "--set", "lcsc.search.groups=[head]"))
        .as(err.toString())
        .isZero();
    Recipe recipe = Recipe.read(directory.resolve("run/lcsc/40/recipe.json"));
    assertThat(recipe.groups()).extracting(Recipe.Group::name).containsExactly("head", "rest");
  }

  @Test
  void aFailedScoreRanksLastAndIsCounted() throws IOException {
    String failing =
        "x=$(tail -c 4 {model} | od -An -tf4); awk \"BEGIN { if ($x > 3.5) exit 1; print ($x - 3) ^"
            + " 2 }\"";
    // The newest has 8 and fails: what cannot be scored at all is told before.
    assertThat(search(command(failing), "")).isEqualTo(2);
    save(directory.resolve("checkpoints/step-40.safetensors"), 2);
    save(directory.resolve("checkpoints/step-10.safetensors"), 8);
    assertThat(search(command(failing), "")).as(err.toString()).isZero();
    Recipe recipe = Recipe.read(directory.resolve("run/lcsc/40/recipe.json"));
    assertThat(recipe.search().nonFinite()).isPositive();
    assertThat(Math.abs(weight(directory.resolve("run/lcsc/best.safetensors")) - 3))
        .isLessThan(0.2f);
  }

  /** Of all sets, or of validation alone: then what was searched is kept. */
  @ParameterizedTest
  @ValueSource(strings = {"", "test {set} = validation && "})
  void aSearchWithoutAFiniteScoreFailsAndCanBeResumed(String broken) throws IOException {
    Path nan = Files.createFile(directory.resolve("nan"));
    String run =
        "echo no data >&2; if "
            + broken
            + "test -e '"
            + nan
            + "'; then echo nan; else "
            + DISTANCE
            + "; fi";
    assertThat(search(command(run), "")).isEqualTo(1);
    Path output = directory.resolve("run");
    assertThat(err.toString())
        .contains("no score on the set validation was a finite number")
        .contains("standard error is in " + output.resolve("lcsc/scorer.log"))
        .contains("'lcsc search --resume " + output);
    assertThat(output.resolve("results.json")).doesNotExist();
    assertThat(out.toString()).doesNotContain("best:");

    Files.delete(nan);
    succeeds("search", "--resume", output);
    assertThat(Math.abs(weight(output.resolve("lcsc/best.safetensors")) - 3)).isLessThan(0.1f);
    assertThat(Files.readAllLines(output.resolve("lcsc/40/search.csv"))).hasSize(81);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          { kind: command, run: 'exit 4 # {model}' } | | objective.run: does not score the newest checkpoint on the set search: exited with 4
          { kind: command, run: 'test {set} != report && echo 1 # {model}' } | | on the set report: exited with 1
          { kind: command, run: 'sleep 9 # {model}', timeLimit: 0.3 } | | took longer than timeLimit: 0.3 seconds
          { kind: command, run: 'true # {model}' } | | printed nothing
          { kind: command, run: 'echo text # {model}' } | | no number (text)
          { kind: command, run: 'eval' } | | objective.run: lacks {model}
          { kind: command } | | objective.run: missing
          { kind: command, run: 'echo 1 # {model}' } | exclude: ['['] | exclude[0]: no regular expression
          { kind: command, run: 'echo 1 # {model}' } | exclude: [bias] | exclude[0]: matches no whole name of a tensor (bias)
          { kind: fid } | | RealImages
          """)
  void mistakesAreOneLineBeforeAnyWork(String objective, String more, String message)
      throws IOException {
    assertThat(search(objective, more == null ? "" : more)).isEqualTo(2);
    assertThat(err.toString()).contains("search.yaml").contains(message);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(directory.resolve("run")).doesNotExist();
  }

  @Test
  void aStrategyByGradientsIsRefused() throws IOException {
    String command = command(DISTANCE);
    assertThat(search(command, "", "--set", "lcsc.search.strategy=gradient")).isEqualTo(2);
    assertThat(err.toString()).contains("lcsc.search.strategy").contains("gradient");
    assertThat(directory.resolve("run")).doesNotExist();
  }

  @Test
  void damagedCheckpointsAreOneLine() throws IOException {
    Path first = directory.resolve("checkpoints/step-10.safetensors");
    Files.write(first, Arrays.copyOf(Files.readAllBytes(first), 40));
    assertThat(search(command(DISTANCE), "")).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("step-10.safetensors: is cut short");
  }

  @Test
  void aFolderWithoutCheckpointsNamesWhatIsRead() throws IOException {
    for (int k = 1; k <= 4; k++) {
      Files.delete(directory.resolve("checkpoints/step-" + 10 * k + ".safetensors"));
    }
    assertThat(search(command(DISTANCE), "")).isEqualTo(2);
    assertThat(err.toString())
        .hasLineCount(1)
        .contains("has no checkpoints, allowed: files .", ".safetensors")
        .contains("iteration-N.zip", "checkpointInfo.txt");
  }

  /** As DISTANCE, with derivatives; those by the bias, which is the same everywhere, are any. */
  private static final String PERL =
      """
      $| = 1;
      sub score {
        my ($model, $gradient) = @_;
        open(my $in, '<:raw', $model) or die $!;
        local $/;
        my $bytes = <$in>;
        my $x = unpack('f<', substr($bytes, -4));
        if ($gradient) {
          open(my $out, '>:raw', $gradient) or die $!;
          print $out substr($bytes, 0, -4), pack('f<', 2 * ($x - 3));
          close $out;
        }
        print(($x - 3) ** 2, "\\n");
      }
      if (@ARGV) { score(@ARGV); exit }
      while (my $line = <STDIN>) { chomp $line; score(split /\\t/, $line); }
      """;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCommandThatGivesItsGradientIsSearchedByIt(boolean persistent) throws IOException {
    Path perl = Files.writeString(directory.resolve("score.pl"), PERL);
    String objective =
        command(
            "perl " + perl + (persistent ? "" : " {model} {gradient}"),
            "gradient: true, parallel: 2, persistent: " + persistent);
    String gradients = "lcsc.search={ evaluations: 15, seed: 7 }";
    String mixture = "{ kind: mixture, parts: [{ weight: 2, objective: " + objective + " }] }";
    for (String measure : List.of(mixture, objective)) {
      assertThat(search(measure, "", "--overwrite", "--set", gradients))
          .as(err.toString())
          .isZero();
      assertThat(SearchLog.read(directory.resolve("run/lcsc/40/search.csv"))).hasSizeLessThan(15);
    }
    Path run = directory.resolve("run");
    // Evolution comes within 0.1 in 80 evaluations.
    assertThat(Math.abs(weight(run.resolve("lcsc/best.safetensors")) - 3)).isLessThan(1e-4f);
  }

  /** Its identity is that of a search which was begun when there was no such key. */
  @Test
  void aSearchWithoutGradientsDoesNotNameThem() throws IOException {
    assertThat(search(command(DISTANCE, "gradient: false"), "")).as(err.toString()).isZero();
    assertThat(directory.resolve("run/config.yaml")).content().doesNotContain("gradient:");
  }

  @Test
  void aGradientOfOtherTensorsIsRefusedBeforeAnyWork() throws IOException {
    String run = ": {model}; [ -z {gradient} ] || echo no > {gradient}; echo 1";
    assertThat(search(command(run, "gradient: true"), "")).isEqualTo(2);
    assertThat(err.toString()).hasLineCount(1).contains("wrote a gradient that is refused");
    assertThat(directory.resolve("run")).doesNotExist();
  }
}
