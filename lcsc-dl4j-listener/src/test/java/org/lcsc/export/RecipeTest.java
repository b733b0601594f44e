package org.lcsc.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.checkpoint.ParameterGroups.Segment;
import org.lcsc.io.Sha256;
import org.lcsc.objective.StageSeconds;
import org.lcsc.objective.TimeRanges;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class RecipeTest {

  private static final Recipe RECIPE =
      new Recipe(
          "lcsc",
          200,
          new long[] {100, 150, 200},
          new double[] {-0.1, 1.0 / 3, 1.1 - 1.0 / 3},
          List.of(),
          List.of(),
          new Recipe.Search(
              "evolutionary",
              "fid",
              "fid",
              7,
              2000,
              3,
              "EVALUATIONS",
              List.of("evaluation 7: recall 0.1 below 0.3"),
              Double.NaN,
              new StageSeconds(0.1, 0, 0, 0),
              12.5),
          3.25,
          Map.of("fid", 3.5),
          List.of(new Recipe.Score("last", "LAST", 0, Double.NaN, Map.of("fid", Double.NaN))),
          9,
          "00ff",
          Versions.current(),
          Map.of("data", Map.of("name", "digits"), "tags", List.of("a", 1, true)));

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void write() throws Exception {
    file = directory.resolve("recipe.json");
    RECIPE.write(file);
  }

  @Test
  void readsBackToTheSameBits() throws Exception {
    assertThat(Recipe.read(file))
        .usingRecursiveComparison()
        .withComparatorForType(Double::compare, Double.class)
        .isEqualTo(RECIPE);
    assertThat(RECIPE.toString())
        .startsWith("lcsc of iteration " + RECIPE.iteration() + " from ")
        .doesNotContain("@");
    assertThat(Files.readAllLines(file)).hasSizeGreaterThan(20).contains("  \"model\" : \"lcsc\",");
  }

  private static Recipe grouped(double[] second, long parameters) {
    ParameterGroups groups =
        new ParameterGroups(
            List.of("encoder", "decoder"),
            List.of(new Segment(0, 0, 4), new Segment(1, 4, 6), new Segment(0, 6, 9)));
    double[] all = {-0.1, 1.0 / 3, 1.1 - 1.0 / 3, second[0], second[1], second[2]};
    return new Recipe(
        "lcsc",
        200,
        RECIPE.checkpoints(),
        new double[0],
        Recipe.groups(groups, all),
        List.of(),
        RECIPE.search(),
        3.25,
        Map.of(),
        List.of(),
        parameters,
        "00ff",
        RECIPE.versions(),
        Map.of());
  }

  @Test
  void groupsReadBackToTheSameBits() throws Exception {
    Recipe recipe = grouped(new double[] {0.2, 0.3, 0.5}, 9);
    recipe.write(file);
    Recipe read = Recipe.read(file);
    assertThat(read)
        .usingRecursiveComparison()
        .withComparatorForType(Double::compare, Double.class)
        .isEqualTo(recipe);
    assertThat(read.groups()).extracting(Recipe.Group::name).containsExactly("encoder", "decoder");
    assertThat(read.parameterGroups().segments())
        .containsExactly(new Segment(0, 0, 4), new Segment(1, 4, 6), new Segment(0, 6, 9));
    assertThat(read.allCoefficients()).containsExactly(-0.1, 1.0 / 3, 1.1 - 1.0 / 3, 0.2, 0.3, 0.5);
  }

  private static Recipe ranged(List<Recipe.Range> ranges) {
    return new Recipe(
        "lcsc",
        200,
        RECIPE.checkpoints(),
        new double[0],
        List.of(),
        ranges,
        RECIPE.search(),
        3.25,
        Map.of(),
        List.of(),
        9,
        "00ff",
        RECIPE.versions(),
        Map.of());
  }

  @Test
  void timeRangesReadBackToTheSameBits() throws Exception {
    TimeRanges ranges = new TimeRanges(List.of(0.5, 5.1));
    INDArray stacked = Nd4j.arange(27).castTo(DataType.FLOAT);
    ParameterGroups groups =
        new ParameterGroups(
            List.of("encoder", "decoder"), List.of(new Segment(0, 0, 4), new Segment(1, 4, 9)));
    double[] all = new double[18];
    for (int i = 0; i < all.length; i++) {
      all[i] = i % 3 == 0 ? 1 + i / 7.0 : i % 3 == 1 ? -(i - 1) / 7.0 : 0;
    }
    for (ParameterGroups each : List.of(groups, ParameterGroups.whole(9))) {
      double[] own = Arrays.copyOf(all, 9 * each.size());
      Recipe recipe = ranged(Recipe.ranges(ranges, each, own, stacked));
      recipe.write(file);
      Recipe read = Recipe.read(file);
      assertThat(read)
          .usingRecursiveComparison()
          .withComparatorForType(Double::compare, Double.class)
          .isEqualTo(recipe);
      assertThat(read.timeRanges()).isEqualTo(ranges);
      assertThat(read.parameterGroups().size()).isEqualTo(each.size());
      assertThat(read.allCoefficients()).isEqualTo(own);
      assertThat(RecipeFiles.of(file, read))
          .containsExactly(
              directory.resolve("model-range0.zip"),
              directory.resolve("model-range1.zip"),
              directory.resolve("model-range2.zip"));
      assertThat(RecipeFiles.hashes(read).get(1))
          .isEqualTo(Sha256.of(ranges.part(stacked, 1).dup()));
    }
    assertThat(RECIPE.timeRanges()).isEqualTo(TimeRanges.ONE);
    assertThat(RecipeFiles.of(directory.resolve("best.json"), RECIPE))
        .containsExactly(directory.resolve("best.zip"));
  }

  @Test
  void refusesRangesThatLeaveAGap() {
    double[] own = {0, 0, 1};
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ranged(
                    List.of(
                        new Recipe.Range(0, 1, own, List.of(), ""),
                        new Recipe.Range(2, Double.POSITIVE_INFINITY, own, List.of(), ""))))
        .withMessage(
            "time ranges of a recipe must follow one another from sigma 0 on, got [0.0 to 1.0, 2.0"
                + " to Infinity]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ranged(List.of(new Recipe.Range(0, 1, new double[2], List.of(), ""))))
        .withMessage("a recipe needs one coefficient per checkpoint or none, got 2 for 3");
  }

  @Test
  void refusesGroupsThatAreNoPartitionOrDoNotSumToOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grouped(new double[] {0.2, 0.3, 0.25}, 9))
        .withMessage("coefficients of group decoder must sum to 1, got 0.75");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grouped(new double[] {0.2, 0.3, 0.5}, 10))
        .withMessage("groups of a recipe must hold its 10 parameters, got 9");
  }

  @Test
  void versionsAreKnown() {
    assertThat(RECIPE.versions().deeplearning4j()).isEqualTo("1.0.0-M2.1");
    assertThat(RECIPE.versions().java()).startsWith(System.getProperty("java.version"));
    assertThat(RECIPE.versions().commit()).matches("[0-9a-f]{12}( and changes)?|unknown");
    assertThat(RECIPE.versions().processors())
        .startsWith(String.valueOf(Runtime.getRuntime().availableProcessors()));
  }

  private void requireRefused(String text, String message) throws Exception {
    Files.writeString(file, text);
    assertThatIOException()
        .isThrownBy(() -> Recipe.read(file))
        .withMessageStartingWith(file.toString())
        .withMessageContaining(message)
        .withMessageNotContaining("\n");
  }

  @Test
  void mistakesAreOneLine() throws Exception {
    String good = Files.readString(file);
    requireRefused(good.replaceFirst("\\{", "{ \"sha\": 1,"), "\"sha\"");
    requireRefused(good.replaceFirst("\"sha256\".*", ""), "Missing key 'sha256'");
    requireRefused(good.replace("\"iteration\" : 200", "\"iteration\" : 200.5"), "200.5");
    requireRefused(good.replace("\"seed\" : 7", "\"seed\" : null"), "null");
    requireRefused(good.replace("[ 100, 150, 200 ]", "[ 100, 200 ]"), "got 3 for 2");
    requireRefused(good + "{}", "line");
    Files.write(file, new byte[] {(byte) 0xff});
    assertThatIOException()
        .isThrownBy(() -> Recipe.read(file))
        .withMessage(file + ": is not UTF-8 text");
    requireRefused("", "no recipe");
    requireRefused("null", "no recipe");
    requireRefused("what", "line 1");
    Files.delete(file);
    assertThatIOException()
        .isThrownBy(() -> Recipe.read(file))
        .withMessage(file + ": no such file");
  }

  @Test
  void hashIsOfLittleEndianFloats() {
    // printf '\x00\x00\x80\x3f\x00\x00\x00\xc0' | sha256sum
    String expected = "ee4ac73c2bd27756ab82780f27c73a7bc4d3f0bb6acb37e008bc27eccd7e588b";
    assertThat(Sha256.of(Nd4j.createFromArray(1f, -2f))).isEqualTo(expected);
    assertThat(Sha256.of(Nd4j.createFromArray(new double[][] {{1, -2}}))).isEqualTo(expected);
  }

  @Test
  void refusesCoefficientsOfOtherCheckpoints() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Recipe(
                    "lcsc",
                    1,
                    new long[1],
                    new double[2],
                    List.of(),
                    List.of(),
                    RECIPE.search(),
                    0,
                    Map.of(),
                    List.of(),
                    1,
                    "",
                    RECIPE.versions(),
                    Map.of()))
        .withMessage("a recipe needs one coefficient per checkpoint or none, got 2 for 1");
  }

  @Test
  void deepNestingIsRefusedBeforeItIsFollowed() throws Exception {
    String deep = "[".repeat(50_000) + "]".repeat(50_000);
    String text = Files.readString(file).replace("\"name\" : \"digits\"", "\"name\" : " + deep);
    assertThat(text).contains(deep);
    Files.writeString(file, text);
    assertThatIOException()
        .isThrownBy(() -> Recipe.read(file))
        .withMessageContaining("epth (101) exceeds");
  }

  @Test
  void damagedRecipesAreRefusedInOneLineOrRead() throws Exception {
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(6);
    for (int i = 0; i < 2000; i++) {
      byte[] damaged = whole.clone();
      for (int flips = 1 + i % 3; flips > 0; flips--) {
        damaged[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(
          file, Arrays.copyOf(damaged, i % 5 == 0 ? random.nextInt(whole.length) : whole.length));
      try {
        Recipe.read(file);
      } catch (IOException e) {
        assertThat(e.getMessage().lines()).as("case %d: %s", i, e.getMessage()).hasSize(1);
      }
    }
  }

  @Test
  void aNumberChangedInTheFileIsNoticed() throws Exception {
    String good = Files.readString(file);
    assertThat(good).contains("\"checksum\" : \"");
    requireRefused(good.replace("3.25", "3.2"), "is not that of its checksum");
    requireRefused(good.replace("-0.1,", "-0.2,"), "is not that of its checksum");
    // Layout is no content, and what earlier versions wrote has no checksum.
    Files.writeString(file, good.replace("\n", " "));
    assertThat(Recipe.read(file).model()).isEqualTo("lcsc");
    Files.writeString(file, good.replaceFirst(",\\s*\"checksum\"[^}]*", ""));
    assertThat(Recipe.read(file).model()).isEqualTo("lcsc");
  }

  @Test
  void whatWasNotMeasuredIsNull() throws IOException {
    assertThat(Files.readString(file)).contains("\"score\" : null").doesNotContain("NaN");
    assertThat(Recipe.read(file).search().score()).isNaN();
    Recipe.Score infinite =
        new Recipe.Score("last", "LAST", 0, Double.POSITIVE_INFINITY, Map.of("fid", 1.0 / 0));
    String text = RecordFile.text(infinite);
    assertThat(text)
        .contains("\"validationScore\" : null", "\"fid\" : null")
        .doesNotContain("Infinity");
  }

  @Test
  void readsTheTextOfEarlierVersions() throws IOException {
    String text = Files.readString(file).replaceFirst(",\\s*\"checksum\"[^}]*", "");
    Files.writeString(
        file,
        text.replace("\"score\" : null", "\"score\" : \"NaN\"")
            .replace("\"fid\" : null", "\"fid\" : \"NaN\""));
    assertThat(Recipe.read(file).search().score()).isNaN();
    Files.writeString(
        file, text.replaceFirst("\"commit\" :.*\n", "").replaceFirst(",\\s*\"processors\".*", ""));
    assertThat(Recipe.read(file).versions().commit()).isEqualTo("unknown");
    assertThat(Recipe.read(file).versions().processors()).isEqualTo("unknown");
  }
}
