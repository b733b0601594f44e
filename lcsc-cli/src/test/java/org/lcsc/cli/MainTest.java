package org.lcsc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.datasets.DataSetException;
import org.lcsc.experiment.InvalidInputException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class MainTest {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model: { kind: diffusion, unet: { channels: 16, multipliers: [1, 2], blocks: 1 } }
      training: { iterations: 100, batchSize: 8, learningRate: 1e-3 }
      lcsc: { window: 40, interval: 4, searchAt: [100] }
      output: runs/x
      """;

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(CommandLine command, String... arguments) {
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }

  private int run(String... arguments) {
    return run(Main.commandLine(), arguments);
  }

  @Command(name = "throwing", mixinStandardHelpOptions = true)
  static final class Throwing implements Callable<Integer> {
    private final Throwable thrown;

    Throwing(Throwable thrown) {
      this.thrown = thrown;
    }

    @Override
    public Integer call() throws Exception {
      if (thrown instanceof Error error) {
        throw error;
      }
      throw (Exception) thrown;
    }
  }

  private int runThrowing(Throwable thrown, String... options) {
    CommandLine command = Main.commandLine().addSubcommand(new Throwing(thrown));
    String[] arguments = new String[options.length + 1];
    arguments[0] = "throwing";
    System.arraycopy(options, 0, arguments, 1, options.length);
    return run(command, arguments);
  }

  @Test
  void showsItsCommandsAndExitCodes() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("check", "Exit codes:", "130");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void showsItsVersion() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).startsWith("lcsc ").contains("Deeplearning4j ", "Java ");
  }

  @Test
  void showsTheHelpOfACommand() {
    assertThat(run("check", "--help")).isZero();
    assertThat(out.toString()).contains("Usage: lcsc check", "--debug", "CONFIG");
  }

  @Test
  void refusesUsageMistakesInTwoLines() {
    assertThat(run("chekc")).isEqualTo(2);
    assertThat(err.toString())
        .hasLineCount(2)
        .startsWith("lcsc: chekc: no such command (did you mean check?), allowed: average, check, ")
        .contains("Try 'lcsc --help'.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "check a.yaml --quite | --quite: no such option (did you mean --quiet?), allowed: --debug,",
        "export runs/x --out=a.zip --emma=0.9 | --emma: no such option (did you mean --ema?),"
            + " allowed: ",
        "check a.yaml --colour | --colour: no such option, allowed: --debug,",
        "fly to.yaml | fly: no such command, allowed: average,",
        "completion bash zsh | Unmatched argument at index 2: 'zsh'",
      })
  void saysWhatAMistypedWordWasMeantToBe(String arguments, String message) {
    assertThat(run(arguments.split(" "))).isEqualTo(2);
    assertThat(err.toString()).hasLineCount(2).startsWith("lcsc: " + message);
  }

  @Test
  void asksForACommand() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).startsWith("lcsc: missing command, allowed: average, check, ");
  }

  @Test
  void asksForTheArgumentsOfACommand() {
    assertThat(run("check")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("lcsc: Missing required parameter: 'CONFIG'")
        .contains("Try 'lcsc check --help'.");
  }

  @Test
  void printsTheResolvedConfiguration() throws IOException {
    Path file = Files.writeString(directory.resolve("a.yaml"), CONFIG);

    assertThat(run("check", file.toString())).isZero();
    assertThat(out.toString())
        .startsWith("dataset:\n  name: digits\n")
        .contains("\n    zeroInit: true\n", "\n  learningRate: 0.001\n", "\n    evaluations: 40\n");
    assertThat(err.toString()).isEmpty();

    Path again = Files.writeString(directory.resolve("b.yaml"), out.toString());
    String first = out.toString();
    out.getBuffer().setLength(0);
    assertThat(run("check", again.toString())).isZero();
    assertThat(out.toString()).isEqualTo(first);
  }

  @Test
  void checksWithValuesReplacedAsTrainDoes() throws IOException {
    Path file = Files.writeString(directory.resolve("a.yaml"), CONFIG);

    assertThat(run("check", file.toString(), "--set", "training.learningRate=0.5")).isZero();
    assertThat(out.toString()).contains("\n  learningRate: 0.5\n");
    assertThat(run("check", file.toString(), "--set", "training.iterations=0")).isEqualTo(2);
    assertThat(err.toString()).hasLineCount(1).contains("training.iterations");
  }

  @Test
  void warnsOnStandardErrorOnly() throws IOException {
    Path file =
        Files.writeString(directory.resolve("a.yaml"), CONFIG.replace("[100]", "[20, 100]"));

    assertThat(run("check", "--quiet", file.toString())).isZero();
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .hasLineCount(1)
        .startsWith("lcsc: " + file + ": warning: lcsc.window: larger than the first search");
  }

  @Test
  void reportsEveryWrongFileByOneLine() throws IOException {
    Path good = Files.writeString(directory.resolve("good.yaml"), CONFIG);
    Path bad =
        Files.writeString(directory.resolve("bad.yaml"), CONFIG.replace("interval", "intervall"));
    Path none = directory.resolve("none.yaml");

    assertThat(run("check", bad.toString(), good.toString(), none.toString())).isEqualTo(2);
    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            "lcsc: "
                + bad
                + ": lcsc.intervall: unknown key (did you mean interval?), allowed: window,"
                + " interval, searchAt, every, startAt, search, objective, validation, report,"
                + " target, storage, greedySoup, keep\nlcsc: "
                + none
                + ": no such file\n");
    assertThat(out.toString()).startsWith("--- # " + good + "\ndataset:\n");
  }

  @Test
  void endsWithTheExitCodeOfTheFailure() {
    assertThat(runThrowing(new IOException("disk full"))).isEqualTo(1);
    assertThat(runThrowing(new IllegalArgumentException("shapes differ"))).isEqualTo(1);
    assertThat(runThrowing(new IllegalStateException("no backend"))).isEqualTo(1);
    assertThat(runThrowing(new OutOfMemoryError("Java heap space"))).isEqualTo(1);
    assertThat(runThrowing(new UnsatisfiedLinkError("no jnind4jcpu"))).isEqualTo(1);
    assertThat(runThrowing(new ConfigException("x.yaml", "is empty"))).isEqualTo(2);
    assertThat(runThrowing(new InvalidValueException("model.kind", "not available"))).isEqualTo(2);
    assertThat(runThrowing(new InvalidInputException("no such model"))).isEqualTo(2);
    assertThat(runThrowing(new DataSetException("d: not found; must be a directory"))).isEqualTo(2);
    assertThat(runThrowing(new InterruptedException())).isEqualTo(130);
    assertThat(runThrowing(new ExecutionException(new CancellationException()))).isEqualTo(130);
    assertThat(runThrowing(new CancellationException("stopped at iteration 5"))).isEqualTo(130);
    assertThat(err.toString().lines())
        .containsExactly(
            "lcsc: disk full",
            "lcsc: shapes differ",
            "lcsc: no backend",
            "lcsc: out of memory (Java heap space), LCSC_JAVA_OPTS=-Xmx4g allows more",
            "lcsc: UnsatisfiedLinkError: no jnind4jcpu",
            "lcsc: x.yaml: is empty",
            "lcsc: model.kind: not available",
            "lcsc: no such model",
            "lcsc: d: not found; must be a directory",
            "lcsc: interrupted",
            "lcsc: interrupted",
            "lcsc: stopped at iteration 5");
  }

  @Test
  void explainsFilesWhoseExceptionsHoldOnlyTheirName() {
    runThrowing(new NoSuchFileException("m.zip"));
    runThrowing(new UncheckedIOException(new AccessDeniedException("/root/m.zip")));
    runThrowing(new NullPointerException());
    runThrowing(new ArithmeticException("by\n  zero"));
    assertThat(err.toString().lines())
        .containsExactly(
            "lcsc: m.zip: no such file",
            "lcsc: /root/m.zip: permission denied",
            "lcsc: NullPointerException",
            "lcsc: ArithmeticException: by zero");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void printsTheStackTraceOnDemandOnly(boolean debug) {
    String[] options = debug ? new String[] {"--debug"} : new String[0];
    assertThat(runThrowing(new IOException("disk full"), options)).isEqualTo(1);
    if (debug) {
      assertThat(err.toString()).contains("java.io.IOException: disk full", "at org.lcsc.cli");
    } else {
      assertThat(err.toString()).hasLineCount(1);
    }
  }

  @Test
  void resultsThatCannotBeWrittenAreAFailure() throws IOException {
    Path config = Files.writeString(directory.resolve("c.yaml"), CONFIG);
    Writer full =
        new Writer() {
          @Override
          public void write(char[] text, int from, int length) throws IOException {
            throw new IOException("No space left on device");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(full)).setErr(new PrintWriter(err, true));
    assertThat(command.execute("check", config.toString())).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            "lcsc: standard output cannot be written, its disk is full or its reader has gone\n");
  }
}
