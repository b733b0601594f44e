package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.export.Recipe;

/** {@code train --resume} after kills and failures, against a run that nothing disturbed. */
@Timeout(600)
class ResumeCommandTest extends CommandStreams {

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
        gradientClip: 1.0
        seed: 3
        saveEvery: 7
      sampler: { kind: ddim, steps: 2, batchSize: 40 }
      ema: { rates: [0.8, 0.95], postHoc: { interval: 5, snapshots: 8 } }
      lcsc:
        window: 16
        interval: 2
        searchAt: [30, 60]
        search: { evaluations: 40, samples: 80, seed: 7, warmStart: true }
        validation: { samples: 80, seed: 8 }
        report: { samples: 80, seed: 9 }
      output: %s
      """;

  private static final String CONSISTENCY =
      """
      dataset: { name: digits }
      model:
        kind: consistency-training
        unet: { channels: 4, multipliers: [1], blocks: 1, dropout: 0.1 }
        consistency: { curriculum: original }
      training: { iterations: 16, batchSize: 16, learningRate: 1.0e-3, seed: 3, saveEvery: 5 }
      sampler: { kind: consistency, batchSize: 40 }
      ema: { rates: [0.8] }
      lcsc:
        window: 8
        interval: 2
        searchAt: [8, 16]
        search: { evaluations: 8, samples: 80, seed: 7 }
        validation: { samples: 80, seed: 8 }
        report: { samples: 80, seed: 9 }
      output: %s
      """;

  /** Shared, as is the run's path: it stands in recipes. */
  @TempDir static Path directory;

  private static Path run;
  private static Path config;
  private static Map<String, String> undisturbed;
  private static String configuration;

  @BeforeAll
  static void trainUndisturbed() throws IOException {
    run = directory.resolve("run");
    config = directory.resolve("config.yaml");
    Files.writeString(config, CONFIG.formatted(run));
    ResumeCommandTest first = new ResumeCommandTest();
    first.succeeds("train", config, "--keep-checkpoints");
    undisturbed = RunContents.of(run);
    configuration = Files.readString(run.resolve("config.yaml"));
    assertThat(undisturbed)
        .containsKeys("results.json", "lcsc/30/model.zip", "checkpoints/iteration-60.zip")
        .noneSatisfy((name, content) -> assertThat(name).startsWith("state/"));
    first.moveAway();
  }

  /** The next test's run takes its place. */
  @AfterEach
  void moveAway() throws IOException {
    if (Files.exists(run)) {
      Files.move(run, directory.resolve("old-" + System.nanoTime()));
    }
  }

  @Test
  void aRunKilledAgainAndAgainEndsAsIfUndisturbed() throws Exception {
    Random random = ChildProcess.random(getClass());
    Path log = directory.resolve("child.log");
    Path state = run.resolve("state/training.bin");

    // Soon after the first state, while another process tries to work there too.
    Process child = ChildProcess.start(log, "train", config, "--keep-checkpoints");
    ChildProcess.await(child, () -> Files.exists(state));
    refuses("is in use by another process", "train", "--resume", run);
    Thread.sleep(random.nextInt(400));
    ChildProcess.kill(child);

    // Within a search.
    Path search = run.resolve("lcsc/" + (random.nextBoolean() ? 30 : 60) + "/search.csv");
    int rows = 2 + random.nextInt(30);
    child = ChildProcess.start(log, "train", "--resume", run);
    ChildProcess.await(
        child, () -> Files.exists(search) && Files.readAllLines(search).size() > rows);
    ChildProcess.kill(child);

    // Anywhere after that.
    child = ChildProcess.start(log, "train", "--resume", run);
    ChildProcess.await(child, () -> Files.readString(log).contains("resumed"));
    Thread.sleep(random.nextInt(1500));
    ChildProcess.kill(child);

    boolean finished = Files.exists(run.resolve("results.json"));
    assertThat(lcsc("train", "--resume", run)).as(err.toString()).isEqualTo(finished ? 2 : 0);
    assertThat(RunContents.differences(RunContents.of(run), undisturbed)).isEmpty();
  }

  @Test
  void aMappedWindowIsSavedOnceAndSurvivesAKill() throws Exception {
    // Whose rows come one by one.
    String mapped =
        CONFIG
            .replace("interval: 2", "interval: 2\n  storage: { kind: mapped }")
            .replace("seed: 7,", "seed: 7, strategy: evolution,");
    begin(mapped);
    succeeds("train", "--resume", run);
    Map<String, String> expected = RunContents.of(run);
    long parameters = Recipe.read(run.resolve("lcsc/60/recipe.json")).parameters();
    moveAway();
    begin(mapped);
    Random random = ChildProcess.random(getClass());
    Path log = directory.resolve("child.log");
    Process child = ChildProcess.start(log, "train", "--resume", run);
    Path file = run.resolve("state/window.bin");
    // Of the first search: the second may be over before the process is killed.
    Path search = run.resolve("lcsc/30/search.csv");
    int rows = 2 + random.nextInt(30);
    ChildProcess.await(
        child, () -> Files.exists(search) && Files.readAllLines(search).size() > rows);
    ChildProcess.kill(child);
    assertThat(run.resolve("state/window")).as("no second copy").doesNotExist();
    // 8 checkpoints, and 4 spare slots for those between two states.
    assertThat(file).hasSize(12 * parameters * Float.BYTES);
    succeeds("train", "--resume", run);
    assertThat(RunContents.differences(RunContents.of(run), expected)).isEmpty();
  }

  /** A run that began with --keep-checkpoints and was killed before it had a state. */
  private void begin(String yaml) throws IOException {
    Files.writeString(config, yaml.formatted(run));
    RunDirectory.create(run, RunConfig.read(config).keepingWindow().toYaml(), null, false, 0)
        .close();
  }

  @Test
  void whatARunBeganWithIsInItsConfiguration() throws Exception {
    begin(CONFIG);
    assertThat(Files.readString(run.resolve("config.yaml")))
        .isEqualTo(configuration)
        .contains("keep:");
    assertThat(lcsc("train", "--resume", run, "--keep-checkpoints")).isEqualTo(2);
    assertThat(err.toString()).contains("--resume: a run continues as it began");
    succeeds("train", "--resume", run);
    assertThat(run.resolve("checkpoints/iteration-60.zip")).exists();
    assertThat(RunContents.differences(RunContents.of(run), undisturbed)).isEmpty();
  }

  @Test
  void aRunWithoutAWindowKeepsNoCheckpoints() throws Exception {
    Path plain = directory.resolve("plain.yaml");
    Files.writeString(plain, CONFIG.formatted(run).replaceAll("(?s)\nlcsc:.*\noutput", "\noutput"));
    refuses(
        "plain.yaml with --keep-checkpoints: lcsc: missing, allowed: a window",
        "train",
        plain,
        "--keep-checkpoints");
    assertThat(run).doesNotExist();
  }

  @Test
  void aFailedRunGoesOnOnceItIsMended() throws Exception {
    begin(CONFIG);
    // A file where the search wants a directory.
    Path obstacle = Files.writeString(run.resolve("lcsc/60"), "");
    assertThat(lcsc("train", "--resume", run)).isEqualTo(1);
    assertThat(out.toString()).contains("no state was saved, the run begins anew");
    assertThat(lastErrorLine())
        .startsWith("lcsc: ")
        .contains("lcsc/60")
        .endsWith(
            "; the state of iteration 59 is kept, 'lcsc train --resume "
                + run
                + "' continues once that is mended");
    Files.delete(obstacle);
    succeeds("train", "--resume", run);
    assertThat(out.toString()).contains("resumed at iteration 59");
    assertThat(RunContents.differences(RunContents.of(run), undisturbed)).isEmpty();

    refuses("holds a finished run", "train", "--resume", run);
  }

  @Test
  void aRunWhoseDirectoryIsTakenAwayEndsAndLeavesItWhole() throws Exception {
    begin(CONFIG);
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(() -> lcsc("train", "--resume", run));
    while (!Files.exists(run.resolve("state/training.bin")) && !code.isDone()) {
      Thread.sleep(1);
    }
    Path elsewhere = directory.resolve("elsewhere");
    Files.move(run, elsewhere);
    assertThat(code.get()).as(err.toString()).isEqualTo(1);
    assertThat(lastErrorLine()).contains("the run directory is gone").doesNotContain("kept");
    assertThat(run).doesNotExist();

    Files.move(elsewhere, run);
    succeeds("train", "--resume", run);
    assertThat(RunContents.differences(RunContents.of(run), undisturbed)).isEmpty();
  }

  @Test
  void aConsistencyTrainingGoesOnWithItsTarget() throws Exception {
    begin(CONSISTENCY);
    succeeds("train", "--resume", run);
    Map<String, String> expected = RunContents.of(run);
    moveAway();
    begin(CONSISTENCY);
    Path obstacle = Files.writeString(run.resolve("lcsc/16"), "");
    assertThat(lcsc("train", "--resume", run)).isEqualTo(1);
    assertThat(lastErrorLine()).contains("the state of iteration 15 is kept");
    Files.delete(obstacle);
    succeeds("train", "--resume", run);
    assertThat(RunContents.differences(RunContents.of(run), expected)).isEmpty();
  }

  @Test
  void whatCannotBeResumedIsToldInOneLine() throws Exception {
    refuses("no such directory", "train", "--resume", directory.resolve("none"));
    Path empty = Files.createDirectories(directory.resolve("empty"));
    refuses("holds no run", "train", "--resume", empty);
    begin(CONSISTENCY);
    Path obstacle = Files.writeString(run.resolve("lcsc/16"), "");
    assertThat(lcsc("train", "--resume", run)).isEqualTo(1);
    Path state = run.resolve("state/training.bin");
    byte[] bytes = Files.readAllBytes(state);

    bytes[bytes.length / 2] ^= 1;
    Files.write(state, bytes);
    refuses(state + " is damaged: its checksum is wrong", "train", "--resume", run);
    Files.write(state, new byte[3]);
    refuses(state + " is damaged: it is cut short", "train", "--resume", run);
    bytes[bytes.length / 2] ^= 1;
    Files.write(state, bytes);

    String yaml = Files.readString(run.resolve("config.yaml"));
    Files.writeString(run.resolve("config.yaml"), yaml.replace("batchSize: 16", "batchSize: 17"));
    refuses("is of another configuration or other data", "train", "--resume", run);
    Files.writeString(run.resolve("config.yaml"), yaml);

    // A damaged checkpoint is not worth the run: it continues without it.
    Files.write(run.resolve("state/window/iteration-12.bin"), new byte[100]);
    Files.delete(obstacle);
    succeeds("train", "--resume", run);
    assertThat(Recipe.read(run.resolve("lcsc/16/recipe.json")).checkpoints())
        .containsExactly(8, 10, 14, 16);

    assertThat(lcsc("train", config, "--resume", run)).isEqualTo(2);
    assertThat(err.toString()).contains("a run continues as it began");
    assertThat(lcsc("train")).isEqualTo(2);
    assertThat(err.toString()).contains("missing CONFIG");
  }
}
