package org.lcsc.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;

/**
 * Thousands of mutated examples: each is read, or refused in one line that names the file. A
 * failure names its case, which the seed makes again.
 */
class ConfigurationFuzzTest {

  private static final long SEED = 11;
  private static final int CASES = 3000;

  /** No value of a configuration may take longer than this to judge. */
  private static final Duration LONGEST = Duration.ofSeconds(20);

  /** What a mistaken or hostile hand writes in place of a value. */
  private static final List<String> VALUES =
      List.of(
          "",
          "~",
          "-1",
          "0",
          "1e400",
          "-1e-400",
          ".nan",
          ".inf",
          "-.inf",
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "9223372036854775808",
          "1" + "0".repeat(400),
          "0x7fffffff",
          "1e9",
          "4.9e-324",
          "true",
          "[]",
          "{}",
          "[1, [2, [3]]]",
          "{a: {b: c}}",
          "'x'",
          "\"\\u0000\\n\"",
          "!!java.net.URL [http://localhost]",
          "!!javax.script.ScriptEngineManager []",
          "&a [*a]",
          "*undefined",
          "<<: *a",
          "../../etc/passwd",
          "|\n  text",
          "[".repeat(5000),
          "{a: ".repeat(5000),
          "- ".repeat(5000),
          "? ".repeat(3000),
          "a".repeat(100_000));

  @TempDir private Path directory;

  private static List<String> examples() throws IOException {
    List<String> texts = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("..", "examples"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        texts.add(Files.readString(file));
      }
    }
    assertThat(texts).hasSizeGreaterThan(10);
    return texts;
  }

  private static String mutated(String text, Random random) {
    String[] lines = text.split("\n", -1);
    int line = random.nextInt(lines.length);
    int at = text.isEmpty() ? 0 : random.nextInt(text.length());
    return switch (random.nextInt(8)) {
      case 0 -> text.substring(0, at);
      case 1 -> text.substring(0, at) + (char) random.nextInt(0x250) + text.substring(at);
      case 2 -> text.substring(0, at) + text.substring(Math.min(text.length(), at + 1));
      case 3 -> value(lines, line, random);
      case 4 -> {
        List<String> doubled = new ArrayList<>(Arrays.asList(lines));
        doubled.add(random.nextInt(lines.length), lines[line]);
        yield String.join("\n", doubled);
      }
      case 5 -> {
        lines[line] = " ".repeat(random.nextInt(6)) + lines[line].strip();
        yield String.join("\n", lines);
      }
      case 6 -> {
        // A value within braces.
        String other = VALUES.get(random.nextInt(VALUES.size())).replace("$", "").replace("\\", "");
        yield text.replaceFirst(": [\\w.e-]+([,}])", ": " + other + "$1");
      }
      default -> {
        lines[line] = "";
        yield String.join("\n", lines);
      }
    };
  }

  private static String value(String[] lines, int line, Random random) {
    int colon = lines[line].indexOf(':');
    if (colon >= 0) {
      lines[line] =
          lines[line].substring(0, colon + 1) + " " + VALUES.get(random.nextInt(VALUES.size()));
    }
    return String.join("\n", lines);
  }

  @Test
  void mutatedExamplesAreReadOrRefusedInOneLine() throws IOException {
    List<String> examples = examples();
    int[] read = {0};
    assertTimeout(
        LONGEST.multipliedBy(10),
        () -> {
          for (int i = 0; i < CASES; i++) {
            Random random = new Random(SEED + i);
            String text = examples.get(i % examples.size());
            for (int mutations = 1 + i % 3; mutations > 0; mutations--) {
              text = mutated(text, random);
            }
            String name = "case " + i;
            try {
              YamlConfig.parse(name, text, RunConfig.class);
              read[0]++;
            } catch (ConfigException e) {
              assertThat(e.getMessage()).startsWith(name + ": ");
              assertThat(e.getMessage().lines()).as(name).hasSize(1);
              assertThat(e.getMessage()).as(name).hasSizeLessThan(2000);
            } catch (RuntimeException | StackOverflowError e) {
              throw new AssertionError(name + ": " + e + "\n" + text, e);
            }
          }
        });
    // Comments and spaces may change, most else may not.
    assertThat(read[0]).isBetween(CASES / 50, CASES * 9 / 10);
  }

  @Test
  void bytesThatAreNoTextAreRefusedToo() throws IOException {
    byte[] example = examples().get(0).getBytes(StandardCharsets.UTF_8);
    Path file = directory.resolve("run.yaml");
    for (int i = 0; i < 1000; i++) {
      Random random = new Random(SEED + i);
      byte[] bytes = example.clone();
      for (int flips = 0; flips <= i % 4; flips++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, bytes);
      try {
        RunConfig.read(file);
      } catch (ConfigException e) {
        assertThat(e.getMessage()).startsWith(file + ": ");
        assertThat(e.getMessage().lines()).as("case %d", i).hasSize(1);
      }
    }
  }
}
