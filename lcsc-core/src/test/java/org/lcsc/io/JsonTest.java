package org.lcsc.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonTest {

  @TempDir Path directory;

  @Test
  void readsWhatIsWithinTheLimits() throws IOException {
    Path file = Files.writeString(directory.resolve("a.json"), "{\"a\": [1, -2.5e-300]}");
    assertThat(Json.read(file).get("a").get(1).asDouble()).isEqualTo(-2.5e-300);
  }

  @Test
  void refusesWhatCostsMoreThanItsLengthInOneLineAndSoon() throws IOException {
    refuses("[" + "7".repeat(1_000_000) + "]", "length (1000000) exceeds");
    refuses("[0." + "7".repeat(1_000_000) + "]", ") exceeds the maximum");
    refuses("[" + "[],".repeat(6 << 20) + "[]]", "is too long, allowed: 16777216 bytes");
    refuses("[".repeat(100_000), "epth (101) exceeds");
    refuses("[\"" + "x".repeat(2 << 20) + "\"]", "length (");
    refuses("{\"a\": 1} {\"a\": 2}", ", line 1: is not JSON");
    refuses("{\"a\":\n ?}", ", line 2: is not JSON");
    refuses("", "is not JSON");
    refuses("{", "expected close marker for Object");
  }

  @Test
  void namesWhatIsNoText() throws IOException {
    Path file = directory.resolve("bytes.json");
    Files.write(file, new byte[] {'"', (byte) 0xff, '"'});
    assertThatThrownBy(() -> Json.read(file)).hasMessage(file + ": is not UTF-8 text");
    assertThatThrownBy(() -> Json.read(directory))
        .hasMessage(directory + ": is a directory, allowed: a text file");
    Path missing = directory.resolve("missing.json");
    assertThatThrownBy(() -> Json.read(missing)).hasMessage(missing + ": no such file");
  }

  private void refuses(String json, String fault) throws IOException {
    Path file = Files.writeString(directory.resolve("hostile.json"), json);
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () ->
            assertThatThrownBy(() -> Json.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(fault)
                .extracting(Throwable::getMessage)
                .asString()
                .doesNotContain("Source:", "Feature")
                .hasLineCount(1)
                .hasSizeLessThan(400));
  }
}
