package org.lcsc.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.cli.Main;
import org.lcsc.cli.plan.PlanFigures;
import org.lcsc.cli.sweep.Study;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.config.RunConfig;
import picocli.CommandLine;

/**
 * Thousands of mutated examples, configurations, studies and figures: each is read, or refused in
 * one line that names the file, in bounded time and memory. A failure names its case, which the
 * seed makes again.
 */
class ConfigurationFuzzTest {

  private static final long SEED = 11;
  private static final int CASES = 3000;

  /** No value of a configuration may take longer than this to judge. */
  private static final Duration LONGEST = Duration.ofSeconds(20);

  /** What reading a configuration of at most some hundred kilobytes may allocate. */
  private static final long MOST_BYTES = 200L << 20;

  /** Numbers at the limits of their types. */
  private static final List<String> LIMITS =
      List.of(
          "-2147483648",
          "-1",
          "0",
          "1",
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "9223372036854775808",
          "1e400",
          "4.9e-324",
          "1.7976931348623157e308",
          ".nan",
          ".inf",
          "-.inf");

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

  /** Figures of a plan that measures nothing. */
  private static final String[] FIGURES = {
    "--merge-seconds=1",
    "--sample-seconds=1",
    "--feature-seconds=1",
    "--statistics-seconds=1",
    "--iteration-seconds=1"
  };

  private static final Pattern VALUE = Pattern.compile(": ([^\\s#,{}\\[\\]]+)(?=\\s|[,}])");

  @TempDir private Path directory;

  /**
   * A YAML file as we write one, and what it is read as.
   *
   * @param name of the file
   */
  private record Example(String name, String text, Class<? extends Record> type) {}

  private static List<Example> examples() throws IOException {
    List<Example> examples = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("..", "examples"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        String name = file.getFileName().toString();
        examples.add(
            new Example(
                name,
                Files.readString(file),
                name.startsWith("sweep-")
                    ? Study.class
                    : name.startsWith("plan-") ? PlanFigures.class : RunConfig.class));
      }
    }
    assertThat(examples).extracting(Example::type).contains(Study.class, PlanFigures.class);
    for (Example example : examples) {
      YamlConfig.parse(example.name(), example.text(), example.type());
    }
    return examples;
  }

  /** Those of one type. */
  private static List<Example> examples(Class<? extends Record> type) throws IOException {
    List<Example> examples = examples().stream().filter(e -> e.type() == type).toList();
    assertThat(examples).hasSizeGreaterThan(10);
    return examples;
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
        // A value wherever it stands, within braces too.
        List<MatchResult> values = VALUE.matcher(text).results().toList();
        if (values.isEmpty()) {
          yield text;
        }
        MatchResult value = values.get(random.nextInt(values.size()));
        yield replaced(text, value, VALUES.get(random.nextInt(VALUES.size())));
      }
      default -> {
        lines[line] = "";
        yield String.join("\n", lines);
      }
    };
  }

  private static String replaced(String text, MatchResult value, String other) {
    return text.substring(0, value.start(1)) + other + text.substring(value.end(1));
  }

  private static String value(String[] lines, int line, Random random) {
    int colon = lines[line].indexOf(':');
    if (colon >= 0) {
      lines[line] =
          lines[line].substring(0, colon + 1) + " " + VALUES.get(random.nextInt(VALUES.size()));
    }
    return String.join("\n", lines);
  }

  /**
   * Reads a text, or sees that it is refused in one line.
   *
   * @return what was read, or null
   */
  private static <T extends Record> T readOrRefused(String name, String text, Class<T> type) {
    long before = allocated();
    T read = null;
    try {
      read = YamlConfig.parse(name, text, type);
    } catch (ConfigException e) {
      assertThat(e.getMessage()).startsWith(name + ": ");
      assertThat(e.getMessage().lines()).as(name).hasSize(1);
      assertThat(e.getMessage()).as(name).hasSizeLessThan(2000);
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError(name + ": " + e + "\n" + text, e);
    }
    assertThat(allocated() - before).as(name).isLessThan(MOST_BYTES);
    return read;
  }

  /** Bytes that this thread has allocated so far. */
  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  @Test
  void mutatedExamplesAreReadOrRefusedInOneLine() throws IOException {
    List<Example> examples = examples();
    int[] read = {0};
    assertTimeoutPreemptively(
        LONGEST.multipliedBy(10),
        () -> {
          for (int i = 0; i < CASES; i++) {
            Random random = new Random(SEED + i);
            Example example = examples.get(i % examples.size());
            String text = example.text();
            for (int mutations = 1 + i % 3; mutations > 0; mutations--) {
              text = mutated(text, random);
            }
            if (readOrRefused("case " + i, text, example.type()) != null) {
              read[0]++;
            }
          }
        });
    // Comments and spaces may change, most else may not.
    assertThat(read[0]).isBetween(CASES / 50, CASES * 9 / 10);
  }

  /** Each number of a configuration at each of its limits; what is taken must be planned with. */
  @Test
  void numbersAtTheirLimitsAreRefusedOrPlannedWith() throws IOException {
    List<Example> examples = examples(RunConfig.class);
    int[] planned = {0};
    assertTimeoutPreemptively(
        LONGEST.multipliedBy(20),
        () -> {
          for (Example example : examples) {
            for (MatchResult value : VALUE.matcher(example.text()).results().toList()) {
              if (!value.group(1).matches("[-+.0-9e]+")) {
                continue;
              }
              for (String limit : LIMITS) {
                String text = replaced(example.text(), value, limit);
                String name = example.name() + " with " + limit + " at " + value.start(1);
                if (readOrRefused(name, text, RunConfig.class) != null) {
                  plan(name, text);
                  planned[0]++;
                }
              }
            }
          }
        });
    assertThat(planned[0]).isGreaterThan(300);
  }

  /** Runs the command on it: a plan, or one line. */
  private void plan(String name, String text) throws IOException {
    Path file = directory.resolve("run.yaml");
    Files.writeString(file, text);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err, true));
    List<String> arguments = new ArrayList<>(List.of("plan", file.toString()));
    arguments.addAll(List.of(FIGURES));
    long before = allocated();
    int code = command.execute(arguments.toArray(String[]::new));
    assertThat(allocated() - before).as(name).isLessThan(MOST_BYTES);
    if (code == 0) {
      assertThat(out.toString())
          .as(name)
          .contains("checkpoints of")
          .doesNotContainPattern("NaN|Infinity|[ \t]-[0-9]");
    } else {
      assertThat(code).as(name + ": " + err).isEqualTo(2);
      assertThat(err.toString().lines()).as(name + ": " + err).hasSize(1);
    }
  }

  @Test
  void bytesThatAreNoTextAreRefusedToo() throws IOException {
    byte[] example = examples(RunConfig.class).get(0).text().getBytes(StandardCharsets.UTF_8);
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
