package org.lcsc.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.config.InvalidValueException;
import org.lcsc.io.Json;
import org.lcsc.io.ModelWriter;
import org.lcsc.io.NotFiniteException;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Scorers in the shell; a model is a text file with its first parameter. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the scorers are for a POSIX shell")
class CommandObjectiveTest {

  private static final ModelWriter TEXT =
      new ModelWriter() {
        @Override
        public String suffix() {
          return ".txt";
        }

        @Override
        public void write(Path file, INDArray parameters, long iteration) throws IOException {
          double first = parameters.getDouble(0);
          if (Math.abs(first) > 65_504) {
            throw new NotFiniteException("a is not finite in F16");
          }
          Files.writeString(file, first + "\n");
        }

        @Override
        public void readGradient(Path file, INDArray gradient) throws IOException {
          String text = Files.readString(file).strip();
          Refuse.file(!text.matches("[0-9.]+"), "%s is no number", text);
          gradient.assign(Double.parseDouble(text));
        }
      };

  @TempDir Path directory;
  private final AtomicBoolean cancelled = new AtomicBoolean();
  private CommandObjective objective;

  private Path log() {
    return directory.resolve("scorer.log");
  }

  private ObjectiveSettings.Inputs inputs() throws IOException {
    return inputs(CandidateFiles.Set.VALIDATION);
  }

  private ObjectiveSettings.Inputs inputs(CandidateFiles.Set set) throws IOException {
    Path candidates = Files.createDirectories(directory.resolve("it's here"));
    return new ObjectiveSettings.Inputs(
        null,
        new SeededNoise(7),
        50,
        50,
        0,
        false,
        List.of(new CandidateFiles(TEXT, 100, candidates, log(), set, 7, cancelled::get)));
  }

  private static CommandObjective.Settings once(String run) {
    return settings(run, null, CommandObjective.Goal.MINIMISE, 20, 0, false);
  }

  private static CommandObjective.Settings settings(
      String run,
      String field,
      CommandObjective.Goal goal,
      double timeLimit,
      int retries,
      boolean persistent) {
    return new CommandObjective.Settings(run, field, goal, timeLimit, retries, 1, persistent, null);
  }

  private double score(CommandObjective.Settings settings, double value) throws IOException {
    objective = settings.create(inputs());
    return again(value);
  }

  private double again(double value) {
    double score = objective.evaluate(Nd4j.createFromArray((float) value)).score();
    try (Stream<Path> left = Files.list(directory.resolve("it's here"))) {
      assertThat(left).isEmpty();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return score;
  }

  @AfterEach
  void close() {
    if (objective != null) {
      objective.close();
    }
  }

  @Test
  void theLastLineIsTheScore() throws IOException {
    assertThat(score(once("echo loading; cat {model}; echo"), 2.5)).isEqualTo(2.5);
    assertThat(score(once("cat \"{model}\""), 2.5)).isEqualTo(2.5);
    assertThat(score(once("echo 1e-3 # {model}"), 0)).isEqualTo(0.001);
    assertThat(score(once("seq 30000 # {model}"), 0)).isEqualTo(30_000);
    assertThat(score(once("echo {set} {seed} {samples} >&2; cat {model}"), 1)).isEqualTo(1);
    assertThat(log()).hasContent("validation 7 50");
  }

  @Test
  void standardInputIsEmpty() throws IOException {
    assertThat(score(once("cat; echo 1.5 # {model}"), 1)).isEqualTo(1.5);
  }

  @Test
  void theScoreMayBeAFieldOfJsonAndMayBeMaximised() throws IOException {
    CommandObjective.Settings json =
        settings(
            "printf '{\"step\": 3, \"accuracy\": %s}' $(cat {model})",
            "accuracy", CommandObjective.Goal.MAXIMISE, 20, 0, false);
    assertThat(score(json, 0.75)).isEqualTo(-0.75);
    assertThat(objective.name()).isEqualTo("accuracy");
    assertThat(objective.scoreOf(-0.75)).isEqualTo(0.75);
  }

  @Test
  void moreThanOneValueOnTheLastLineIsNoScore() throws IOException {
    String two = "printf '{\"loss\": 1}{\"loss\": %s}' $(cat {model})";
    CommandObjective.Settings json =
        settings(two, "loss", CommandObjective.Goal.MINIMISE, 20, 0, false);
    assertThat(score(json, 2)).isNaN();
    assertThat(log()).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"echo nan", "echo -inf", "echo Infinity"})
  void aNumberThatIsNotFiniteIsAScore(String run) throws IOException {
    assertThat(score(once(run + " # {model}"), 0)).isNaN();
    once(run + " # {model}").probe(inputs(), Nd4j.createFromArray(0f));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          true # {model}                          | printed nothing
          echo 0.5; echo done # {model}           | printed a last line that is no number (done)
          echo 1f # {model}                       | printed a last line that is no number (1f)
          echo 0.5; echo no GPU >&2; exit 3 # {model} | exited with 3 (no GPU)
          no-such-command-here {model}            | exited with 127
          """)
  void aScorerThatFailsIsOneLineAndNoScore(String run, String message) throws IOException {
    assertThat(score(once(run), 1)).isNaN();
    assertThatThrownBy(() -> once(run).probe(inputs(), Nd4j.createFromArray(1f)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("objective.run")
        .hasMessageContaining(message)
        .hasMessageContaining("allowed: a command whose last line is a number")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  /** A score in a line of JSON with a text of so many characters. */
  private static CommandObjective.Settings longJson(int characters) {
    String run =
        "printf '{\"ids\": \"'; head -c "
            + characters
            + " /dev/zero | tr '\\0' a; printf '\", \"loss\": 2}' # {model}";
    return settings(run, "loss", CommandObjective.Goal.MINIMISE, 60, 0, false);
  }

  @Test
  void aModelThatCannotBeWrittenInItsTypeHasNoScore() throws IOException {
    assertThat(score(once("echo 1 # {model}"), 70_000)).isNaN();
    assertThat(again(7)).isEqualTo(1);
  }

  @Test
  void aLineOfJsonMayBeLong() throws IOException {
    assertThat(score(longJson(200_000), 1)).isEqualTo(2);
    CommandObjective.Settings tooLong = longJson(Json.MAX_BYTES);
    assertThatThrownBy(() -> tooLong.probe(inputs(), Nd4j.createFromArray(1f)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("printed a line longer than 16777216 characters ({\"ids\": \"aa")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @Test
  void jsonWithoutTheFieldIsNoScore() throws IOException {
    CommandObjective.Settings json =
        settings(
            "echo '{\"loss\": \"low\"}' # {model}",
            "loss",
            CommandObjective.Goal.MINIMISE,
            20,
            0,
            false);
    assertThat(score(json, 1)).isNaN();
    assertThatThrownBy(() -> json.probe(inputs(), Nd4j.createFromArray(1f)))
        .hasMessageContaining("JSON with a number loss");
  }

  /** Killed; one that nobody has waited for yet stays in the list of processes. */
  private static boolean ended(long pid) {
    Path stat = Path.of("/proc/" + pid + "/stat");
    try {
      return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty()
          || Files.exists(stat) && Files.readString(stat).matches("(?s).*\\) Z .*");
    } catch (IOException e) {
      // Somebody has waited for it meanwhile.
      return true;
    }
  }

  @Test
  @Timeout(60)
  void aScorerThatHangsIsEndedWithItsChildren() throws IOException, InterruptedException {
    Path pid = directory.resolve("pid");
    String run = "sleep 60 & echo $! > '" + pid + "'; wait # {model}";
    assertThat(score(settings(run, null, CommandObjective.Goal.MINIMISE, 3, 0, false), 1)).isNaN();
    long child = Long.parseLong(Files.readString(pid).strip());
    // A signal arrives a moment after it was sent.
    while (!ended(child)) {
      Thread.sleep(20);
    }
  }

  /** Whether it holds standard output or not. */
  @ParameterizedTest
  @ValueSource(strings = {"", ">/dev/null 2>&1"})
  @Timeout(60)
  @EnabledIf("hasSetsid")
  void whatAScorerLeavesRunningIsEnded(String redirected) throws Exception {
    Path pid = directory.resolve("pid");
    String run = "sleep 600 " + redirected + " & echo $! > '" + pid + "'; echo 1.5 # {model}";
    assertThat(score(once(run), 1)).isEqualTo(1.5);
    long child = Long.parseLong(Files.readString(pid).strip());
    while (!ended(child)) {
      Thread.sleep(20);
    }
  }

  static boolean hasSetsid() {
    return Files.exists(Path.of("/usr/bin/setsid")) || Files.exists(Path.of("/bin/setsid"));
  }

  @Test
  void aScorerHasTheUsersEnvironment() {
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "PATH", "/bin",
                "LCSC_SET", " CLASSPATH GOMP_SPINCOUNT",
                "LCSC_USER_CLASSPATH", "mine.jar",
                "CLASSPATH", "lcsc.jar",
                "GOMP_SPINCOUNT", "1000"));
    CommandProcess.restore(environment);
    assertThat(environment)
        .containsExactlyInAnyOrderEntriesOf(Map.of("PATH", "/bin", "CLASSPATH", "mine.jar"));
  }

  @Test
  void aFailureIsTriedAgain() throws IOException {
    Path tried = directory.resolve("tried");
    String run = "[ -e '" + tried + "' ] || { touch '" + tried + "'; exit 1; }; cat {model}";
    assertThat(score(settings(run, null, CommandObjective.Goal.MINIMISE, 20, 1, false), 4))
        .isEqualTo(4);
  }

  @Test
  void aPersistentScorerIsStartedOnce() throws IOException {
    String run = "echo started >&2; while read -r path; do cat \"$path\"; done";
    assertThat(score(settings(run, null, CommandObjective.Goal.MINIMISE, 20, 0, true), 1))
        .isEqualTo(1);
    assertThat(again(2)).isEqualTo(2);
    assertThat(again(-3)).isEqualTo(-3);
    assertThat(log()).hasContent("started");
  }

  @Test
  void aPersistentScorerThatPrintsTwoLinesShiftsNoScore() throws IOException {
    String run = "while read -r path; do printf '%s\\n\\n99\\n' $(cat \"$path\"); done";
    CommandObjective.Settings two =
        settings(run, null, CommandObjective.Goal.MINIMISE, 20, 0, true);
    assertThat(score(two, 1)).isNaN();
    assertThat(again(2)).isNaN();
    assertThatThrownBy(() -> two.probe(inputs(), Nd4j.createFromArray(1f)))
        .hasMessageContaining("printed more than one line for a model (99)");
  }

  @Test
  void aPersistentScorerThatDiesOrHangsIsStartedAgain() throws IOException {
    String run =
        "echo started >&2; while read -r path; do x=$(cat \"$path\"); case $x in 1.0) exit 5;;"
            + " 2.0) sleep 60;; 3.0) echo what;; *) echo $x;; esac; done";
    assertThat(score(settings(run, null, CommandObjective.Goal.MINIMISE, 4, 0, true), 0)).isZero();
    assertThat(again(1)).isNaN();
    assertThat(again(2)).isNaN();
    assertThat(again(3)).isNaN();
    assertThat(again(4)).isEqualTo(4);
    assertThat(Files.readAllLines(log())).hasSize(4);
  }

  @Test
  @Timeout(60)
  void aRunningScorerEndsWithTheSearch() throws IOException {
    objective = once("sleep 60 # {model}").create(inputs());
    new Thread(
            () -> {
              try {
                Thread.sleep(300);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              cancelled.set(true);
            })
        .start();
    assertThatThrownBy(() -> objective.evaluate(Nd4j.createFromArray(1f)))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void theCommandNamesTheModel() {
    assertThatThrownBy(() -> once("python eval.py")).hasMessageContaining("lacks {model}");
    assertThatThrownBy(
            () ->
                settings(
                    "python eval.py {model}", null, CommandObjective.Goal.MINIMISE, 1, 0, true))
        .hasMessageContaining("has no use for {model}");
  }

  private static CommandObjective.Settings withGradient(
      String run, CommandObjective.Goal goal, boolean persistent) {
    return new CommandObjective.Settings(run, null, goal, 20, 0, 1, persistent, true);
  }

  private double[] gradient(CommandObjective.Settings settings, double value) throws IOException {
    objective = settings.create(inputs());
    INDArray gradient = Nd4j.createUninitialized(1L);
    double score =
        ((DifferentiableObjective) objective)
            .gradient(Nd4j.createFromArray((float) value), 0, gradient)
            .score();
    try (Stream<Path> left = Files.list(directory.resolve("it's here"))) {
      assertThat(left).isEmpty();
    }
    return new double[] {score, gradient.getDouble(0)};
  }

  @ParameterizedTest
  @EnumSource(CommandObjective.Goal.class)
  void aCommandMayAlsoWriteTheGradientOfItsNumber(CommandObjective.Goal goal) throws IOException {
    int sign = goal == CommandObjective.Goal.MINIMISE ? 1 : -1;
    String file = "g={gradient}; [ -z \"$g\" ] || echo 0.25 > \"$g\"; cat {model}";
    assertThat(gradient(withGradient(file, goal, false), 2)).containsExactly(sign * 2, sign * 0.25);
    assertThat(again(3)).isEqualTo(sign * 3);
    objective.close();
    String lines =
        "tab=$(printf '\\t'); while IFS=$tab read -r m g;"
            + " do [ -z \"$g\" ] || echo 0.25 > \"$g\"; cat \"$m\"; done";
    assertThat(gradient(withGradient(lines, goal, true), 2)).containsExactly(sign * 2, sign * 0.25);
    assertThat(again(3)).isEqualTo(sign * 3);
    assertThat(((DifferentiableObjective) objective).gradientCost()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          echo 2 # {gradient} | wrote no gradient to the path
          if [ -n {gradient} ]; then echo no > {gradient}; fi; echo 2 | wrote a gradient that is refused
          if [ -n {gradient} ]; then echo 0 > {gradient}; fi; echo 2 | wrote a gradient that is 0 everywhere
          if [ -z {gradient} ]; then echo 2; else echo 2.1 > {gradient}; echo 2.1; fi | printed 2.0, and 2.1 for
          """)
  void aGradientThatIsNoneIsOneLineAndNoScore(String run, String message) throws IOException {
    CommandObjective.Settings settings =
        withGradient(run + " # {model}", CommandObjective.Goal.MINIMISE, false);
    if (!message.startsWith("printed") && !message.contains("0 everywhere")) {
      assertThat(gradient(settings, 1)[0]).isNaN();
    }
    ObjectiveSettings.Inputs search = inputs(CandidateFiles.Set.SEARCH);
    assertThatThrownBy(() -> settings.probe(search, Nd4j.createFromArray(1f)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("objective.run")
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    // The other sets need none.
    settings.probe(inputs(), Nd4j.createFromArray(1f));
  }

  @Test
  void theCommandNamesTheGradientWhereItIsToWriteOne() {
    CommandObjective.Goal goal = CommandObjective.Goal.MINIMISE;
    assertThatThrownBy(() -> withGradient("eval {model}", goal, false))
        .hasMessageContaining("run: lacks {gradient} (eval {model}), allowed with gradient: true");
    assertThatThrownBy(() -> withGradient("eval {gradient}", goal, true))
        .hasMessageContaining("run: has no use for {gradient} with persistent: true");
    assertThatThrownBy(() -> once("eval {model} {gradient}"))
        .hasMessageContaining("run: has no use for {gradient} without gradient: true");
  }
}
