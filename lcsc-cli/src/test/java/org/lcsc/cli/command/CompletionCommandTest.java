package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionCommandTest extends CommandLineTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "trai | 1 | train train-features",
        "find | 1 | find-sigma",
        "check --qui | 2 | --quiet",
        "completion z | 2 | zsh",
      })
  void bashCompletesCommandsOptionsAndValues(String typed, int word, String expected)
      throws IOException, InterruptedException {
    assumeThat(Path.of("/bin/bash")).exists();
    succeeds("completion", "bash");
    Path script = Files.writeString(directory.resolve("script"), out.toString());
    String complete =
        "source '%s'; COMP_WORDS=(lcsc %s); COMP_CWORD=%s; _complete_lcsc; echo ${COMPREPLY[@]}"
            .formatted(script, typed, word);
    // Outside a terminal bash says on standard error that its own compopt has nothing to do.
    Process bash =
        new ProcessBuilder("/bin/bash", "-c", complete)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(new String(bash.getInputStream().readAllBytes())).isEqualTo(expected + "\n");
    assertThat(bash.waitFor()).isZero();
  }

  @Test
  void bashAndZshReadTheSameScript() {
    succeeds("completion", "bash");
    String script = out.toString();
    succeeds("completion", "ZSH");
    assertThat(out.toString()).isEqualTo(script).contains("$ZSH_VERSION");
  }

  @Test
  void fishCompletesCommandsOptionsAndValues() {
    succeeds("completion", "fish");
    assertThat(out.toString().lines())
        .contains(
            "complete -c lcsc -n '__fish_use_subcommand' -f -a check -d 'Validate configuration"
                + " files.'",
            "complete -c lcsc -n '__fish_seen_subcommand_from check' -s q -l quiet -d 'Print"
                + " nothing but mistakes and warnings.'",
            "complete -c lcsc -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'")
        .noneMatch(line -> line.contains("%n"))
        .allSatisfy(line -> assertThat(line.replace("\\'", "").split("'", -1).length % 2).isOne());
  }

  @Test
  void refusesOtherShells() {
    assertThat(lcsc("completion", "tcsh")).isEqualTo(2);
    assertThat(err.toString()).hasLineCount(2).startsWith("lcsc: ").contains("SHELL", "'tcsh'");
  }
}
