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

  @ParameterizedTest
  @ValueSource(strings = {"=1", ".=1", "..=1", "training.=1", ".seed=1", "training..seed=1", "a"})
  void aKeyHasAName(String assignment) {
    assertThatThrownBy(() -> Overrides.read(file, List.of(assignment)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("--set: expected key.path=value, got " + assignment);
  }
}
