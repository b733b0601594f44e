package org.lcsc.experiment.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.config.RunConfig;

class RunDirectoryTest {

  @TempDir Path directory;
  private Path root;

  @BeforeEach
  void nameTheRun() {
    root = directory.resolve("runs/x");
  }

  private static RunConfig config(int iterations) throws ConfigException {
    return YamlConfig.parse(
        "x.yaml",
        "{dataset: {name: digits}, model: {kind: diffusion, unet: {channels: 8, multipliers: [1],"
            + " blocks: 1}}, training: {iterations: "
            + iterations
            + ", batchSize: 8, learningRate: 1e-3}, output: runs/x}",
        RunConfig.class);
  }

  private static RunDirectory create(Path root, RunConfig config, boolean overwrite, long bytes)
      throws IOException {
    return RunDirectory.create(root, config.toYaml(), null, overwrite, bytes);
  }

  private RunDirectory create() throws IOException {
    return create(root, config(100), false, 1000);
  }

  @Test
  void makesItsFramework() throws IOException {
    try (RunDirectory run = create()) {
      assertThat(run.readConfig()).isEqualTo(config(100));
      assertThat(run.ema(0.9995)).isEqualTo(root.resolve("ema/0.9995.zip"));
      assertThat(run.mergedModel(3000)).isEqualTo(root.resolve("lcsc/3000/model.zip"));
      assertThat(run.recipe(3000)).isEqualTo(root.resolve("lcsc/3000/recipe.json"));
      assertThat(run.samples("lcsc")).isEqualTo(root.resolve("samples/lcsc.png"));
      assertThat(run.state()).isDirectory();
      assertThat(run.isFinished()).isFalse();
      assertThat(run.mergedIterations()).isEmpty();
    }
  }

  @Test
  void listsWhatARunHasMade() throws IOException {
    try (RunDirectory run = create()) {
      for (int iteration : new int[] {3000, 200}) {
        Files.createDirectories(run.mergedModel(iteration).getParent());
        Files.createFile(run.mergedModel(iteration));
      }
      Files.createDirectories(run.mergedModel(400).getParent());
      Files.createFile(run.ema(0.9995));
      Files.createFile(run.ema(0.99));

      assertThat(run.mergedIterations()).containsExactly(200L, 3000L);
      assertThat(run.emaRates()).containsExactly(0.99, 0.9995);
    }
  }

  @Test
  void startsInAnEmptyDirectory() throws IOException {
    Files.createDirectories(root);
    create().close();
    assertThat(root.resolve("config.yaml")).exists();
  }

  @Test
  void startsWhereAnotherProcessDiedAtTheVeryStart() throws IOException {
    Files.createDirectories(root);
    Files.createFile(root.resolve(".lock"));
    Files.createFile(root.resolve(".config.yaml.17-1.tmp"));
    create().close();
    assertThat(root.resolve("config.yaml")).exists();
  }

  @Test
  void refusesAFinishedRun() throws IOException {
    try (RunDirectory run = create()) {
      Files.writeString(run.resultsJson(), "{}");
      assertThat(run.isFinished()).isTrue();
    }
    assertThatThrownBy(this::create)
        .isInstanceOf(RunDirectoryException.class)
        .hasMessage(root + ": holds a finished run, allowed: --overwrite, or another output");
    assertThatThrownBy(() -> RunDirectory.resume(root))
        .hasMessage(root + ": holds a finished run, allowed: an unfinished one");
  }

  @Test
  void oneAtATimeAddsScoresToTheLandscape() throws IOException {
    try (RunDirectory run = create();
        RunLock held = run.lockLandscape()) {
      assertThatThrownBy(run::lockLandscape).hasMessageContaining("is in use by another process");
    }
    try (RunDirectory run = RunDirectory.open(root);
        RunLock free = run.lockLandscape()) {
      assertThat(free).isNotNull();
    }
  }

  @Test
  void tellsASearchFromATraining() throws IOException {
    SearchSource source = new SearchSource("/checkpoints", true, 700L, 5);
    RunDirectory.create(root, config(100).toYaml(), source, false, 0).close();
    assertThatThrownBy(this::create)
        .hasMessageContaining("holds an unfinished run, allowed: lcsc search --resume, ");
    assertThatThrownBy(() -> RunDirectory.resume(root))
        .hasMessage(root + ": holds a search, allowed: lcsc search --resume");
    try (RunDirectory run = RunDirectory.resumeSearch(root)) {
      assertThat(run.readSource()).isEqualTo(source);
    }
    create(root, config(100), true, 0).close();
    assertThat(root.resolve("search.yaml")).doesNotExist();
    assertThatThrownBy(() -> RunDirectory.resumeSearch(root))
        .hasMessage(root + ": holds a training, allowed: lcsc train --resume");

    // Killed between its two files, a search has not begun, and a training takes its place.
    Files.delete(root.resolve("config.yaml"));
    try (Stream<Path> entries = Files.list(root)) {
      for (Path entry : entries.filter(Files::isDirectory).toList()) {
        Files.delete(entry);
      }
    }
    Files.writeString(root.resolve("search.yaml"), "checkpoints: /checkpoints");
    create().close();
    assertThat(root.resolve("search.yaml")).doesNotExist();
  }

  @Test
  void refusesAnUnfinishedRunUnlessItIsResumed() throws IOException {
    create().close();
    assertThatThrownBy(this::create)
        .hasMessage(
            root
                + ": holds an unfinished run, allowed: lcsc train --resume, --overwrite, or another"
                + " output");

    try (RunDirectory run = RunDirectory.resume(root)) {
      assertThat(run.readConfig()).isEqualTo(config(100));
    }
  }

  @Test
  void resumingDeletesWhatAKilledProcessWasWriting() throws IOException {
    create().close();
    List<Path> left =
        List.of(
            root.resolve(".results.md.17-3.tmp"),
            root.resolve("samples/.compare-12.png.3814-9.tmp"),
            root.resolve("lcsc/12/.model.zip.3814-10.tmp"));
    Path others = root.resolve("samples/notes.tmp");
    Files.createDirectories(root.resolve("lcsc/12"));
    Files.createFile(others);
    for (Path file : left) {
      Files.createFile(file);
    }
    RunDirectory.resume(root).close();
    assertThat(left).noneMatch(Files::exists);
    assertThat(others).exists();

    // Killed between its scores and the end.
    Files.createFile(root.resolve("results.json"));
    Files.createFile(root.resolve("state/training.bin"));
    assertThatThrownBy(() -> RunDirectory.resume(root))
        .hasMessageContaining("holds a finished run");
    assertThat(root.resolve("state")).doesNotExist();
  }

  @Test
  void overwritesARunButNothingElse() throws IOException {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    Files.createFile(outside.resolve("precious"));
    try (RunDirectory run = create()) {
      Files.createDirectories(run.mergedModel(3).getParent());
      Files.createFile(run.mergedModel(3));
      Files.createFile(run.resultsJson());
      Files.createSymbolicLink(run.state().resolve("link"), outside);
      Files.writeString(root.resolve("notes.txt"), "mine");
    }

    try (RunDirectory run = create(root, config(7), true, 0)) {
      assertThat(run.readConfig()).isEqualTo(config(7));
      assertThat(run.isFinished()).isFalse();
      assertThat(run.mergedIterations()).isEmpty();
      assertThat(run.state()).isEmptyDirectory();
    }
    assertThat(root.resolve("notes.txt")).hasContent("mine");
    assertThat(outside.resolve("precious")).exists();
  }

  @Test
  void neverTouchesADirectoryThatHoldsSomethingElse() throws IOException {
    Files.createDirectories(root.resolve("samples"));
    Files.writeString(root.resolve("samples/holiday.png"), "mine");

    for (boolean overwrite : new boolean[] {false, true}) {
      assertThatThrownBy(() -> create(root, config(1), overwrite, 0))
          .isInstanceOf(RunDirectoryException.class)
          .hasMessage(root + ": is not empty and holds no run, allowed: a new or empty directory");
    }
    assertThatThrownBy(() -> RunDirectory.open(root))
        .hasMessage(root + ": holds no run, allowed: a directory that a training wrote");
    assertThat(root).isDirectoryNotContaining("glob:**/.lock");
    assertThat(root.resolve("samples/holiday.png")).hasContent("mine");
  }

  @Test
  void refusesWhatIsNoDirectory() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> create(file, config(1), true, 0))
        .hasMessage(file + ": is not a directory, allowed: a directory");
    assertThatThrownBy(() -> create(file.resolve("x"), config(1), true, 0))
        .isInstanceOf(RunDirectoryException.class)
        .hasMessageStartingWith(file.resolve("x") + ": cannot be made (");
    assertThatThrownBy(() -> RunDirectory.resume(directory.resolve("none")))
        .hasMessage(
            directory.resolve("none")
                + ": no such directory, allowed: a directory that a training wrote");
  }

  @Test
  void refusesAPlaceThatCannotBeWritten() throws IOException {
    // Not even root can make a directory there.
    Path proc = Path.of("/proc/lcsc-run");
    assumeThat(Path.of("/proc/self")).exists();
    assertThatThrownBy(() -> create(proc, config(1), false, 0))
        .isInstanceOf(RunDirectoryException.class)
        .hasMessageStartingWith("/proc/lcsc-run: cannot be made (");
  }

  @Test
  void refusesADirectoryWithoutWritePermission() throws IOException {
    Files.createDirectories(root);
    assumeThat(root.toFile().setWritable(false)).isTrue();
    try {
      assumeThat(Files.isWritable(root)).as("root may write everywhere").isFalse();
      assertThatThrownBy(this::create).hasMessage(root + ": cannot be written (permission denied)");
    } finally {
      root.toFile().setWritable(true);
    }
  }

  @Test
  void refusesADiskThatIsTooSmallBeforeItWritesAnything() throws IOException {
    assertThatThrownBy(() -> create(root, config(1), false, Long.MAX_VALUE))
        .isInstanceOf(RunDirectoryException.class)
        .hasMessageMatching(
            ".*: too little space on its disk \\([0-9.]+ GB free\\), needed: 9223372036.85 GB");
    assertThat(root).doesNotExist();
  }

  @Test
  void keepsASecondUserOfTheSameProcessOut() throws IOException {
    String pid = String.valueOf(ProcessHandle.current().pid());
    try (RunDirectory run = create()) {
      assertThatThrownBy(() -> RunDirectory.resume(root))
          .isInstanceOf(RunDirectoryException.class)
          .hasMessage(
              root + ": is in use by another process (" + pid + "), allowed: one at a time");
      assertThatThrownBy(() -> create(root, config(5), true, 0)).hasMessageContaining("is in use");
      assertThat(RunDirectory.open(root).readConfig()).isEqualTo(config(100));
      assertThat(run.config()).exists();
    }
    RunDirectory.resume(root).close();
  }

  /** Resumes a run and holds it until its standard input ends. */
  public static final class Holder {
    public static void main(String[] arguments) throws IOException {
      try (RunDirectory run = RunDirectory.resume(Path.of(arguments[0]))) {
        System.out.println("holding " + run);
        System.in.read();
      }
    }
  }

  @Test
  void keepsASecondProcessOutUntilTheFirstIsKilled() throws Exception {
    create().close();
    Process other =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                root.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(other.inputReader().readLine()).isEqualTo("holding " + root);
      assertThatThrownBy(() -> RunDirectory.resume(root))
          .hasMessage(
              root
                  + ": is in use by another process ("
                  + other.pid()
                  + "), allowed: one at a time");
    } finally {
      other.destroyForcibly();
    }
    assertThat(other.waitFor(30, TimeUnit.SECONDS)).isTrue();
    RunDirectory.resume(root).close();
  }

  @Test
  void followsNoLinkThatLiesInIt() throws IOException {
    create().close();
    Path victim = Files.writeString(directory.resolve("victim"), "precious");
    Path place = Files.createDirectory(directory.resolve("place"));
    for (String name :
        List.of(".lock", "report.html", "results.json", "metrics.csv", "state/training.bin")) {
      Files.deleteIfExists(root.resolve(name));
      Path link = Files.createSymbolicLink(root.resolve(name), victim);
      assertThatThrownBy(() -> RunDirectory.open(root))
          .isInstanceOf(RunDirectoryException.class)
          .hasMessageContaining(name + " is a link");
      assertThatThrownBy(() -> RunDirectory.resume(root)).isInstanceOf(RunDirectoryException.class);
      Files.delete(link);
    }
    for (String name : List.of("samples", "lcsc", "state/searches")) {
      Files.deleteIfExists(root.resolve(name));
      Path link = Files.createSymbolicLink(root.resolve(name), place);
      assertThatThrownBy(() -> RunDirectory.open(root)).hasMessageContaining(name + " is a link");
      Files.delete(link);
      Files.createDirectory(link);
    }
    Files.deleteIfExists(root.resolve(".lock"));
    Files.createSymbolicLink(root.resolve(".lock"), victim);
    assertThatThrownBy(() -> create(root, config(100), true, 0))
        .isInstanceOf(RunDirectoryException.class);
    assertThat(victim).hasContent("precious");
    assertThat(place).isEmptyDirectory();
  }
}
