package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.config.ConfigException;
import org.lcsc.datasets.DataSets;
import org.lcsc.diffusion.sampler.DdimSampler;
import org.lcsc.experiment.config.RunConfig;

class OverridesTest {

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void write() throws Exception {
    file = directory.resolve("x.yaml");
    Files.writeString(
        file,
        "{dataset: {name: digits}, model: {kind: diffusion, unet: {channels: 8, multipliers: [1],"
            + " blocks: 1}}, training: {iterations: 100, batchSize: 8, learningRate: 1e-3},"
            + " output: runs/x}");
  }

  private String output(String value) throws Exception {
    return Overrides.read(file, List.of("output=" + value)).output();
  }

  @Test
  void whatYamlWouldTakeForACommentIsPartOfTheValue() throws Exception {
    assertThat(output("/a/b # c")).isEqualTo("/a/b # c");
    assertThat(output("#c")).isEqualTo("#c");
    assertThat(output("/a/b#c")).isEqualTo("/a/b#c");
    assertThat(output("a\n b")).isEqualTo("a\n b");
    assertThat(output("&a b")).isEqualTo("&a b");
    assertThat(output("!a b")).isEqualTo("!a b");
    assertThat(output("|")).isEqualTo("|");
    assertThat(output("'/a/b # c'")).isEqualTo("/a/b # c");
    assertThatThrownBy(() -> Overrides.read(file, List.of("training.seed=3 # three")))
        .hasMessageContaining("training.seed");
  }

  /** As in a file: nothing that is not replaced changes, and no number is written anew. */
  @Test
  void textsThatLookLikeNumbersStayAsTheyAreWritten() throws Exception {
    for (String text : List.of("2024.10", "007", "1_000", "0x10", "1e3")) {
      assertThat(output(text)).isEqualTo(text);
      Files.writeString(
          file, Files.readString(file).replaceAll("output: [^}]*", "output: " + text));
      assertThat(Overrides.read(file, List.of("training.seed=2")).output()).isEqualTo(text);
    }
    for (String wrong : List.of("010", "0x10", ".nan", "[1", "*a", "!!int 3")) {
      assertThatThrownBy(() -> Overrides.read(file, List.of("training.iterations=" + wrong)))
          .isInstanceOf(ConfigException.class)
          .hasMessageStartingWith(file + " with --set: training.iterations: ")
          .message()
          .hasLineCount(1);
    }
  }

  @Test
  void theLaterOfTwoAssignmentsWinsWithinAMappingToo() throws Exception {
    List<String> assignments =
        List.of("sampler.steps=20", "sampler={kind: ddim, steps: 5}", "sampler.steps=25");
    assertThat(Overrides.read(file, assignments).sampler().toString()).contains("25");
  }

  @Test
  void aKindByItsNameAloneGetsSettings() throws Exception {
    List<String> assignments = List.of("sampler=ddim", "sampler.steps=20");
    assertThat(Overrides.read(file, assignments).sampler())
        .isInstanceOfSatisfying(
            DdimSampler.Settings.class, ddim -> assertThat(ddim.steps()).isEqualTo(20));
  }

  @Test
  void aDataSetByItsNameAloneGetsSettings() throws Exception {
    Files.writeString(file, Files.readString(file).replace("{name: digits}", "digits"));
    RunConfig config = Overrides.read(file, List.of("dataset.side=4"));
    assertThat(config.dataset()).isEqualTo(new DataSets.Digits(4, false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"=1", ".=1", "..=1", "training.=1", ".seed=1", "training..seed=1", "a"})
  void aKeyHasAName(String assignment) {
    assertThatThrownBy(() -> Overrides.read(file, List.of(assignment)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("--set: expected key.path=value, got " + assignment);
  }
}
