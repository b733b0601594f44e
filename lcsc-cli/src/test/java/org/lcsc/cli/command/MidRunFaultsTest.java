package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.output.CsvReader;
import org.lcsc.experiment.run.RunDirectory;

/** Disks and directories that fail in mid-run: one line, the state kept, the same result later. */
@Timeout(900)
class MidRunFaultsTest extends CommandStreams {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model:
        kind: diffusion
        unet: { channels: 4, multipliers: [1], blocks: 1 }
      training:
        iterations: 60
        batchSize: 16
        learningRate: 2.0e-3
        seed: 3
        saveEvery: 3
      sampler: { kind: ddim, steps: 2, batchSize: 40 }
      ema: { rates: [0.8] }
      lcsc:
        window: 16
        interval: 2
        searchAt: [60]
        storage: { kind: mapped }
        search: { evaluations: 30, samples: 80, seed: 7, strategy: evolution }
        validation: { samples: 80, seed: 8 }
        report: { samples: 80, seed: 9 }
      output: %s
      """;

  /** Shared, as is the run's path: it stands in recipes. */
  @TempDir static Path directory;

  private static Path disk;
  private static Path run;
  private static Path config;
  private static Path checkpoints;
  private static Map<String, String> training;
  private static Map<String, String> search;

  @BeforeAll
  static void runUndisturbed() throws IOException {
    disk = Files.createDirectories(directory.resolve("disk"));
    run = disk.resolve("run");
    config = directory.resolve("config.yaml");
    checkpoints = directory.resolve("checkpoints");
    Files.writeString(config, CONFIG.formatted(run));
    MidRunFaultsTest first = new MidRunFaultsTest();
    first.succeeds("train", config, "--keep-checkpoints");
    Files.move(run.resolve("checkpoints"), checkpoints);
    first.moveAway();
    // The configuration of a run that keeps its checkpoints says so.
    first.succeeds("train", config);
    training = RunContents.of(run);
    first.moveAway();
    first.succeeds("search", config, "--checkpoints", checkpoints);
    search = RunContents.of(run);
  }

  @BeforeEach
  void moveAway() throws IOException {
    if (Files.exists(run)) {
      Files.move(run, directory.resolve("old-" + System.nanoTime()));
    }
  }

  private CompletableFuture<Integer> start(Object... arguments) {
    return CompletableFuture.supplyAsync(() -> lcsc(arguments));
  }

  private static void await(CompletableFuture<Integer> code, Path file) throws Exception {
    while (!Files.exists(file) && !code.isDone()) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  /** Exit code 1, and the last line says what went wrong and how to continue. */
  private void assertFailed(CompletableFuture<Integer> code, String why) throws Exception {
    assertThat(code.get()).as(err.toString()).isEqualTo(1);
    assertThat(lastErrorLine())
        .startsWith("lcsc: ")
        .contains(why)
        .contains("kept")
        .contains(run.toString());
    assertThat(err.toString()).doesNotContain("\tat ");
  }

  private void assertGoesOn(String command, Map<String, String> expected) throws IOException {
    succeeds(command, "--resume", run);
    assertThat(RunContents.differences(RunContents.of(run), expected)).isEmpty();
  }

  @Test
  void aFullDiskEndsATrainingThatGoesOnOnceThereIsRoom() throws Exception {
    try (Fault small = Fault.smallDisk(disk, 3)) {
      CompletableFuture<Integer> code = start("train", config);
      await(code, run.resolve("state/training.bin"));
      Path filler = Fault.fill(disk);
      assertFailed(code, "No space left on device");
      assertThat(lastErrorLine()).contains("the state of iteration ");
      Files.delete(filler);
      assertGoesOn("train", training);
    }
  }

  @Test
  void aFullDiskEndsASearchThatGoesOnOnceThereIsRoom() throws Exception {
    try (Fault small = Fault.smallDisk(disk, 3)) {
      CompletableFuture<Integer> code = start("search", config, "--checkpoints", checkpoints);
      await(code, run.resolve("lcsc/60/search.csv"));
      Path filler = Fault.fill(disk);
      assertFailed(code, "No space left on device");
      Files.delete(filler);
      assertGoesOn("search", search);
    }
  }

  @Test
  void aFullDiskEndsASweepThatGoesOnOnceThereIsRoom() throws Exception {
    Path study = directory.resolve("study.yaml");
    Path sweep = disk.resolve("sweep");
    Files.writeString(
        study,
        "{ base: %s, mode: search, checkpoints: %s, output: %s, marks: [], axes: [ { key:"
                .formatted(config, checkpoints, sweep)
            + " lcsc.search.seed, values: [1, 2] } ] }");
    succeeds("sweep", study);
    List<List<String>> expected = CsvReader.rows(sweep.resolve("curves.csv"));
    try (Fault small = Fault.smallDisk(disk, 3)) {
      CompletableFuture<Integer> code = start("sweep", study);
      await(code, sweep.resolve("results.csv"));
      Path filler = Fault.fill(disk);
      assertThat(code.get()).as(err.toString()).isEqualTo(1);
      assertThat(err.toString()).contains("No space left on device");
      Files.delete(filler);
      succeeds("sweep", study);
      List<List<String>> rows = CsvReader.rows(sweep.resolve("curves.csv"));
      assertThat(rows).hasSameSizeAs(expected);
      for (int i = 0; i < rows.size(); i++) {
        assertThat(rows.get(i).subList(0, 3)).isEqualTo(expected.get(i).subList(0, 3));
        assertThat(rows.get(i).subList(4, 6)).isEqualTo(expected.get(i).subList(4, 6));
      }
    }
  }

  /** The same where nothing can be mounted: a disk is as full that takes no longer files. */
  @Test
  void filesThatCannotGrowEndATrainingThatGoesOnOnceTheyCan() throws Exception {
    Path log = directory.resolve("child.log");
    Process child = ChildProcess.start(log, "train", config);
    try {
      ChildProcess.await(child, () -> Files.exists(run.resolve("state/training.bin")));
      Fault.limitFileSize(child, 1 << 10);
      assertThat(child.waitFor(600, TimeUnit.SECONDS)).isTrue();
    } finally {
      child.destroyForcibly().waitFor();
    }
    assertThat(child.exitValue()).isEqualTo(1);
    // The line itself may have been cut: the log is a file too.
    assertThat(run.resolve("results.json")).doesNotExist();
    assertGoesOn("train", training);
  }

  @ParameterizedTest
  @ValueSource(strings = {"state", "state/training.bin"})
  void whatIsMadeReadOnlyEndsATrainingThatGoesOnOnceItIsNot(String name) throws Exception {
    Fault.requireReadOnly(directory);
    // Begun in the test's thread, so that only the training itself is disturbed.
    RunDirectory.create(run, RunConfig.read(config).toYaml(), null, false, 0).close();
    CompletableFuture<Integer> code = start("train", "--resume", run);
    await(code, run.resolve("state/training.bin"));
    try (Fault readOnly = Fault.readOnly(run.resolve(name))) {
      assertFailed(code, "cannot write " + run.resolve("state/training.bin") + ": ");
    }
    assertGoesOn("train", training);
  }

  @Test
  void whatIsMadeReadOnlyEndsASearchThatGoesOnOnceItIsNot() throws Exception {
    Fault.requireReadOnly(directory);
    CompletableFuture<Integer> code = start("search", config, "--checkpoints", checkpoints);
    await(code, run.resolve("lcsc/60/search.csv"));
    try (Fault readOnly = Fault.readOnly(run.resolve("lcsc/60"))) {
      assertFailed(code, "cannot write " + run.resolve("lcsc/60/model.zip") + ": ");
    }
    assertGoesOn("search", search);
  }

  @Test
  void aSearchWhoseDirectoryIsTakenAwayEndsAndLeavesItWhole() throws Exception {
    CompletableFuture<Integer> code = start("search", config, "--checkpoints", checkpoints);
    await(code, run.resolve("lcsc/60/search.csv"));
    Path elsewhere = directory.resolve("elsewhere");
    Files.move(run, elsewhere);
    assertThat(code.get()).as(err.toString()).isEqualTo(1);
    assertThat(lastErrorLine()).contains(" is gone");
    assertThat(run).doesNotExist();
    Files.move(elsewhere, run);
    assertGoesOn("search", search);
  }
}
