package org.lcsc.objective;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShellLineTest {

  /** All that a shell could take for something else. */
  private static final String PATH = "/a b/it's $HOME `x` \"y\" \\z \\' #;&(/m.npz";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "printf %s {model}",
        "printf %s \"{model}\"",
        "printf %s '{model}'",
        "printf %s \"$(printf %s {model})\"",
        "printf %s \"$(printf %s \"{model}\")\"",
        "x={model}; printf %s \"$x\"",
        "(true) # it's\nprintf %s {model}",
        "printf %s it\\'s >/dev/null; printf %s {model}",
        "printf %s \"a\\\"\" >/dev/null; printf %s \"{model}\"",
      })
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a POSIX shell")
  void theShellSeesThePathAsItIs(String line) throws IOException {
    Process shell =
        new ProcessBuilder("/bin/sh", "-c", ShellLine.of(line, Map.of("{model}", PATH), false))
            .start();
    assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo(PATH);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          eval {model}           | C:\\runs\\m.npz | eval C:\\runs\\m.npz
          eval {model}           | C:\\my runs\\m.npz | eval "C:\\my runs\\m.npz"
          eval "{model}" {model} | C:\\it's\\m.npz | eval "C:\\it's\\m.npz" "C:\\it's\\m.npz"
          eval "C:\\" {model}    | C:\\a b\\m.npz | eval "C:\\" "C:\\a b\\m.npz"
          """)
  void cmdKnowsDoubleQuotesAlone(String line, String path, String expected) {
    assertThat(ShellLine.of(line, Map.of("{model}", path), true)).isEqualTo(expected);
  }

  @Test
  void aPlainPathGetsNoQuotes() {
    assertThat(ShellLine.of("eval {model}", Map.of("{model}", "/runs/m-1.npz"), false))
        .isEqualTo("eval /runs/m-1.npz");
  }

  @Test
  void eachPlaceholderHasItsPathAndAnEmptyOneIsAnEmptyWord() {
    Map<String, String> paths = Map.of("{model}", "/m.npz", "{gradient}", "");
    assertThat(ShellLine.of("eval {model} --gradient {gradient}", paths, false))
        .isEqualTo("eval /m.npz --gradient ''");
    assertThat(ShellLine.of("eval {model} --gradient \"{gradient}\"", paths, false))
        .isEqualTo("eval /m.npz --gradient \"\"");
    assertThat(ShellLine.of("eval {model} {gradient}", paths, true)).isEqualTo("eval /m.npz \"\"");
  }
}
