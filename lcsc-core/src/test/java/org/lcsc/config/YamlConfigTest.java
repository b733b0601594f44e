package org.lcsc.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlConfigTest {

  /** One component of every kind that a file can hold. */
  public record Sample(
      int count,
      @OptionalKey Long big,
      @OptionalKey Double rate,
      @OptionalKey Boolean flag,
      @OptionalKey String text,
      @OptionalKey Solver solver,
      @OptionalKey List<Integer> sizes,
      @OptionalKey Inner inner,
      @OptionalKey List<Inner> inners) {
    public Sample {
      count = Require.atLeast("count", count, 1);
    }
  }

  public record Inner(double sigma, @OptionalKey String name) {
    public Inner {
      Require.positive("sigma", sigma);
      if ("plain".equals(name)) {
        throw new IllegalArgumentException("a plain\nfailure");
      }
    }
  }

  public enum Solver {
    LOG_SNR,
    DPM_SOLVER
  }

  @TempDir Path directory;

  private static Sample parse(String yaml) throws ConfigException {
    return YamlConfig.parse("x.yaml", yaml, Sample.class);
  }

  private static String mistake(String yaml) {
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> parse(yaml));
    assertThat(e).as("refusal of %s", yaml).isNotNull();
    assertThat(e.getMessage()).as("one line").hasLineCount(1).startsWith("x.yaml: ");
    return e.getMessage().substring("x.yaml: ".length());
  }

  @Test
  void readsEveryKindOfValue() throws ConfigException {
    Sample sample =
        parse(
            """
            # a comment
            count: 60_000
            big: -9223372036854775808
            rate: 1e-3          # text to a YAML 1.1 reader
            flag: true
            text: "two words"
            solver: dpm-solver
            sizes: [1, 2, 2]
            inner: { sigma: 2 }
            inners:
              - sigma: .5
                name: 2024
              - { sigma: 1.5E+2 }
            """);

    assertThat(sample)
        .isEqualTo(
            new Sample(
                60_000,
                Long.MIN_VALUE,
                1e-3,
                true,
                "two words",
                Solver.DPM_SOLVER,
                List.of(1, 2, 2),
                new Inner(2, null),
                List.of(new Inner(0.5, "2024"), new Inner(150, null))));
  }

  @Test
  void givesNullForWhatIsAbsentOrEmpty() throws ConfigException {
    assertThat(parse("count: 1\nrate:\ntext: ~\nflag: null"))
        .isEqualTo(new Sample(1, null, null, null, null, null, null, null, null));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{count: 1, cuont: 2} | cuont: unknown key (did you mean count?), allowed: count, big, rate,"
            + " flag, text, solver, sizes, inner, inners",
        "{count: 1, zzz: 2} | zzz: unknown key, allowed: count, big, rate, flag, text, solver,"
            + " sizes, inner, inners",
        "{count: 1, inner: {sigma: 1, Name: a}} | inner.Name: unknown key (did you mean name?),"
            + " allowed: sigma, name",
        "{count: 1, inners: [{sigma: 1}, {sigm: 1}]} | inners[1].sigm: unknown key (did you mean"
            + " sigma?), allowed: sigma, name",
        "{rate: 1} | count: missing, expected a whole number",
        "{count: } | count: missing, expected a whole number",
        "{count: 1, inner: {}} | inner.sigma: missing, expected a number",
        "{count: 2.5} | count: expected a whole number (2.5)",
        "{count: 1.0} | count: expected a whole number (1.0)",
        "{count: '5'} | count: expected a whole number (5)",
        "{count: many} | count: expected a whole number (many)",
        "{count: true} | count: expected a whole number (true)",
        "{count: 010} | count: expected a whole number (010)",
        "{count: [1]} | count: expected a whole number (a list)",
        "{count: {a: 1}} | count: expected a whole number (a mapping)",
        "{count: 3000000000} | count: out of range (3000000000), allowed: -2147483648 to 2147483647",
        "{count: 1, big: 9223372036854775808} | big: out of range (9223372036854775808), allowed:"
            + " -9223372036854775808 to 9223372036854775807",
        "{count: 0} | count: too small (0), allowed: 1 or more",
        "{count: 1, rate: fast} | rate: expected a number (fast)",
        "{count: 1, rate: '1.5'} | rate: expected a number (1.5)",
        "{count: 1, rate: .nan} | rate: expected a number (.nan)",
        "{count: 1, rate: .inf} | rate: expected a number (.inf)",
        "{count: 1, rate: 1e999} | rate: out of range (1e999), allowed: a finite number",
        "{count: 1, flag: 1} | flag: expected true or false (1)",
        "{count: 1, flag: 'true'} | flag: expected true or false (true)",
        "{count: 1, flag: yes} | flag: expected true or false (yes)",
        "{count: 1, text: true} | text: expected a text (true)",
        "{count: 1, text: [a]} | text: expected a text (a list)",
        "{count: 1, solver: log_snr} | solver: unknown value (log_snr) (did you mean log-snr?),"
            + " allowed: log-snr, dpm-solver",
        "{count: 1, solver: DPM-Solver} | solver: unknown value (DPM-Solver) (did you mean"
            + " dpm-solver?), allowed: log-snr, dpm-solver",
        "{count: 1, solver: 3} | solver: unknown value (3), allowed: log-snr, dpm-solver",
        "{count: 1, solver: [log-snr]} | solver: expected one of log-snr, dpm-solver (a list)",
        "{count: 1, sizes: 4} | sizes: expected a list of whole numbers (4)",
        "{count: 1, sizes: [1, x]} | sizes[1]: expected a whole number (x)",
        "{count: 1, sizes: [1, ~]} | sizes[1]: expected a whole number (nothing)",
        "{count: 1, inner: 4} | inner: expected a mapping with the keys sigma, name (4)",
        "{count: 1, inners: {sigma: 1}} | inners: expected a list of mappings (a mapping)",
        "{count: 1, inner: {sigma: -1}} | inner.sigma: not a positive number (-1.0), allowed: more"
            + " than 0",
        "{count: 1, inners: [{sigma: 0}]} | inners[0].sigma: not a positive number (0.0), allowed:"
            + " more than 0",
        "{count: 1, inner: {sigma: 1, name: plain}} | inner: a plain failure",
        "{count: 1, count: 2} | count: given twice (lines 1 and 1), allowed: once",
        "{count: 1, inner: {sigma: 1, sigma: 1}} | inner.sigma: given twice (lines 1 and 1),"
            + " allowed: once",
        "[1, 2] | expected a mapping of keys to values (a list)",
        "hello | expected a mapping of keys to values (hello)",
        "{count: &a 1, big: *a} | big: aliases are not supported (*a), allowed: the value itself",
        "{count: !!int '1'} | count: tags are not supported (tag:yaml.org,2002:int), allowed: plain"
            + " values",
        "{count: 1, text: !!javax.script.ScriptEngineManager [x]} | text: tags are not supported"
            + " (tag:yaml.org,2002:javax.script.ScriptEngineManager), allowed: plain values",
      })
  void namesTheMistakeInOneLine(String yaml, String expected) {
    assertThat(mistake(yaml)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   \n", "# only a comment\n", "---\n", "~", "null"})
  void refusesAFileWithoutContent(String yaml) {
    assertThat(mistake(yaml)).isEqualTo("is empty, allowed: a mapping of keys to values");
  }

  @Test
  void namesBothLinesOfARepeatedKey() {
    assertThat(mistake("count: 1\nrate: 2\ncount: 3\n"))
        .isEqualTo("count: given twice (lines 1 and 3), allowed: once");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "count: [1, 2\nrate: 3",
        "count: 1\n\trate: 2",
        "{count: 1",
        "count: \"open",
        "? [a, b]\n: 1",
        "count: 1\n rate: 2",
        "count: @x",
        "count: *undefined",
        "\u0000",
        "a: b: c",
        "count: 1\n}",
        "<<: {count: 1}\nx"
      })
  void saysInOneLineThatAFileIsNotYaml(String yaml) {
    assertThat(mistake(yaml)).matches("(line \\d+: )?(count: )?(not YAML: |aliases are not ).*");
  }

  @Test
  void refusesASecondDocument() {
    assertThat(mistake("count: 1\n---\ncount: 2\n"))
        .isEqualTo("line 3: a second document, allowed: one document per file");
  }

  @Test
  void refusesAnAliasBombWithoutExpandingIt() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [lol, lol]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append(String.format("a%d: &a%d [*a%d, *a%d]%n", i, i, i - 1, i - 1));
    }
    assertThat(mistake(bomb.toString()))
        .isEqualTo("a1[0]: aliases are not supported (*a0), allowed: the value itself");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{a: ", "- "})
  void refusesDeepNesting(String opening) {
    assertThat(mistake("count: 1\nsizes:\n  " + opening.repeat(100_000)))
        .isEqualTo("line 3: nested too deeply, allowed: 40 levels");
  }

  @Test
  void keepsAHostileKeyOnOneLine() {
    assertThat(mistake("\"a\\nb\\u2028\\e[31m" + "c".repeat(200) + "\": 1"))
        .startsWith("a\\nb\\u2028\\u001b[31mccc")
        .contains("...: unknown key, allowed: count");
  }

  @Test
  void namesFilesThatCannotBeRead() throws IOException {
    Path binary = Files.write(directory.resolve("b.yaml"), new byte[] {'a', ':', (byte) 0xff});
    Path huge = directory.resolve("huge.yaml");
    Files.writeString(huge, "# " + "x".repeat(YamlConfig.MAX_BYTES) + "\ncount: 1\n");

    assertFileMistake(directory.resolve("none.yaml"), "no such file");
    assertFileMistake(directory, "is a directory, allowed: a text file");
    assertFileMistake(binary, "is not UTF-8 text");
    assertFileMistake(huge, "is too long, allowed: 1048576 bytes");
  }

  private static void assertFileMistake(Path file, String problem) {
    ConfigException e =
        catchThrowableOfType(ConfigException.class, () -> YamlConfig.read(file, Sample.class));
    assertThat(e).hasMessage(file + ": " + problem);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "two words",
        "true",
        "No",
        "1.5",
        "",
        " ",
        "a: b",
        "# x",
        "quote\"back\\slash",
        "line\nbreak\ttab",
        "\u00fcml\u00e4ut \u2028",
        "*a",
        "null",
        "~",
        "dpm-solver",
        "/tmp/x y"
      })
  void writesTextsThatReadBackEqual(String text) throws ConfigException {
    Sample sample = new Sample(1, null, null, null, text, null, null, null, null);
    assertThat(parse(YamlConfig.toYaml(sample))).isEqualTo(sample);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0, -0.0, 1e-3, 1.0, 0.1, 1e300, 4.9e-324, -123456789.125, 1e7})
  void writesNumbersThatReadBackEqual(double rate) throws ConfigException {
    Sample sample = new Sample(1, Long.MAX_VALUE, rate, true, null, null, null, null, null);
    assertThat(parse(YamlConfig.toYaml(sample))).isEqualTo(sample);
  }

  @Test
  void writesReadableYaml() throws ConfigException {
    Sample sample =
        new Sample(
            7,
            null,
            2e-4,
            false,
            "a b",
            Solver.DPM_SOLVER,
            List.of(1, 2),
            new Inner(1, "x"),
            List.of(new Inner(1, "z"), new Inner(2, null)));

    assertThat(YamlConfig.toYaml(sample))
        .isEqualTo(
            """
            count: 7
            rate: 2.0E-4
            flag: false
            text: "a b"
            solver: dpm-solver
            sizes: [1, 2]
            inner:
              sigma: 1.0
              name: x
            inners:
              - sigma: 1.0
                name: z
              - sigma: 2.0
            """);
    assertThat(parse(YamlConfig.toYaml(sample))).isEqualTo(sample);
  }
}
