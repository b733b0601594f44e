package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lcsc.cli.Main;
import picocli.CommandLine;

/**
 * Trainings of every kind, ended at moments drawn over the whole life of their process, by {@code
 * kill -9}, {@code kill} or Ctrl-C, against ones that nothing disturbed. {@code
 * -Dlcsc.test.kills=100} for more than the few of every build.
 */
@Timeout(3600)
class KilledAnywhereTest {

  private static final int KILLS = Integer.getInteger("lcsc.test.kills", 2);

  private static final String TEACHER =
      """
      dataset: { name: digits }
      model:
        kind: %s
        unet: { channels: 4, multipliers: [1], blocks: 1, classConditional: %s }
      training: { iterations: 8, batchSize: 16, learningRate: 1.0e-3, seed: 3 }
      sampler: { kind: heun, steps: 2, batchSize: 40 }
      ema: { rates: [0.9] }
      output: '%s'
      """;

  /** What all have: several averages, a state every few iterations, two searches. */
  private static final String COMMON =
      """
      ema: { rates: [0.8, 0.95], postHoc: { interval: 5, snapshots: 8 } }
      lcsc:
        window: 12
        interval: 2
        searchAt: [12, 24]
        search: { evaluations: 20, samples: 80, seed: 7, warmStart: true%s }
        validation: { samples: 80, seed: 8 }
        report: { samples: 80, seed: 9 }%s
      output: '%%s'
      """;

  private static final String TRAINING =
      "training: { iterations: 24, batchSize: 16, learningRate: 1.0e-3, gradientClip: 1.0, seed: 3,"
          + " saveEvery: 3 }\n";

  /** What is trained, with which strategy and storage. */
  private enum Kind {
    /** Algorithm 1 over a mapped window, of a network with dropout. */
    DIFFUSION(
        """
        model:
          kind: diffusion
          unet: { channels: 4, multipliers: [1], blocks: 1, dropout: 0.1 }
        sampler: { kind: ddim, steps: 2, batchSize: 40 }
        """,
        ", strategy: evolution",
        "\n  storage: { kind: mapped }"),
    /** The default strategy; the levels of noise follow the iteration, the target its own EMA. */
    CONSISTENCY_TRAINING(
        """
        model:
          kind: consistency-training
          unet: { channels: 4, multipliers: [1], blocks: 1, dropout: 0.1 }
          consistency: { curriculum: original }
        sampler: { kind: consistency, batchSize: 40 }
        """,
        "",
        ""),
    /** A strategy with a covariance of its own, and a teacher beside the target. */
    CONSISTENCY_DISTILLATION(
        """
        model:
          kind: consistency-distillation
          unet: { channels: 4, multipliers: [1], blocks: 1, dropout: 0.1 }
          teacher: '%1$s/ema/0.9.zip'
          teacherConfig: '%1$s/config.yaml'
          consistency: { levels: 18, distance: l2 }
        sampler: { kind: consistency, batchSize: 40 }
        """,
        ", strategy: cma-es", "\n  storage: { dataType: bfloat16 }"),
    /** Guided, with classes left out and images of the teacher's in place of the data. */
    REFLOW(
        """
        model:
          kind: flow
          unet: { channels: 4, multipliers: [1], blocks: 1, dropout: 0.1, classConditional: true }
          times: logit-normal
          teacher: '%1$s/ema/0.9.zip'
          teacherConfig: '%1$s/config.yaml'
          teacherSteps: 2
        guidance: { scale: 2, to: 5 }
        sampler: { kind: flow, steps: 2, batchSize: 40 }
        """,
        "", ""),
    /** Of a flow, whose labels are the network's own outputs. */
    CONSISTENCY_TUNING(
        """
        model:
          kind: consistency-tuning
          unet: { channels: 4, multipliers: [1], blocks: 1, dropout: 0.1 }
          teacher: '%1$s/ema/0.9.zip'
          teacherConfig: '%1$s/config.yaml'
        sampler: { kind: consistency, batchSize: 40 }
        """,
        ", strategy: algorithm-1", "\n  storage: { kind: mapped }");

    private final String model;
    private final String strategy;
    private final String storage;

    Kind(String model, String strategy, String storage) {
      this.model = model;
      this.strategy = strategy;
      this.storage = storage;
    }

    String config(Path teacher, Path output) {
      return "dataset: { name: digits }\n"
          + model.formatted(teacher)
          + TRAINING
          + COMMON.formatted(strategy, storage).formatted(output);
    }
  }

  /** Where a process was when it was ended. */
  private enum Moment {
    BEFORE_A_STATE,
    TRAINING,
    SEARCHING,
    FINISHED
  }

  @TempDir private Path directory;
  private Path run;
  private Path config;
  private Path log;

  private int lcsc(StringWriter err, Object... arguments) {
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(new StringWriter())).setErr(new PrintWriter(err, true));
    return command.execute(Stream.of(arguments).map(Object::toString).toArray(String[]::new));
  }

  private void trainTeacher(Kind kind, Path teacher) throws IOException {
    Path yaml = directory.resolve("teacher.yaml");
    String model = kind == Kind.CONSISTENCY_DISTILLATION ? "edm" : "flow";
    Files.writeString(yaml, TEACHER.formatted(model, kind == Kind.REFLOW, teacher));
    StringWriter err = new StringWriter();
    assertThat(lcsc(err, "train", yaml)).as(err.toString()).isZero();
  }

  private boolean isFinished() {
    return Files.exists(run.resolve("results.json"));
  }

  /** Begins the run, or continues with it. */
  private Process start() throws IOException {
    return Files.exists(run.resolve("config.yaml"))
        ? ChildProcess.start(log, "train", "--resume", run)
        : ChildProcess.start(log, "train", config);
  }

  private Moment moment() throws IOException {
    if (isFinished()) {
      return Moment.FINISHED;
    }
    for (int iteration : new int[] {12, 24}) {
      Path search = run.resolve("lcsc/" + iteration);
      if (Files.exists(search.resolve("search.csv"))
          && !Files.exists(search.resolve("model.zip"))) {
        return Moment.SEARCHING;
      }
    }
    return Files.exists(state()) ? Moment.TRAINING : Moment.BEFORE_A_STATE;
  }

  /** Ends the process as a user or the system would, and waits until it has. */
  private void end(Process process, String signal) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start();
    kill.waitFor();
    assertThat(process.waitFor(600, TimeUnit.SECONDS)).as("ended by " + signal).isTrue();
    String told = Files.readString(log);
    assertThat(told).doesNotContain("\tat ");
    if (!signal.equals("KILL")) {
      assertThat(process.exitValue()).as(told).isIn(0, 130, 143);
    }
  }

  private void assertUndisturbed(Map<String, String> expected) throws IOException {
    assertThat(RunContents.differences(RunContents.of(run), expected)).isEmpty();
    Files.move(run, directory.resolve("old-" + System.nanoTime()));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aTrainingEndedAtAnyMomentEndsAsIfUndisturbed(Kind kind) throws Exception {
    Random random = ChildProcess.random(getClass());
    run = directory.resolve("run");
    config = directory.resolve("config.yaml");
    log = directory.resolve("child.log");
    Path teacher = directory.resolve("teacher");
    if (kind.model.contains("teacher:")) {
      trainTeacher(kind, teacher);
    }
    Files.writeString(config, kind.config(teacher, run));
    Process undisturbed = start();
    awaitWork(undisturbed, true);
    long began = System.nanoTime();
    assertThat(undisturbed.waitFor()).as(Files.readString(log)).isZero();
    long work = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    Map<String, String> expected = RunContents.of(run);
    assertThat(expected).containsKeys("results.json", "lcsc/12/model.zip", "lcsc/24/model.zip");
    Files.move(run, directory.resolve("undisturbed"));

    Map<Moment, Integer> moments = new EnumMap<>(Moment.class);
    for (int kills = 0; kills < KILLS; ) {
      if (aProcessIsEnded(random, work)) {
        moments.merge(moment(), 1, Integer::sum);
        kills++;
      }
      if (isFinished()) {
        finish(expected);
      }
    }
    finish(expected);
    System.out.println("KilledAnywhereTest: " + kind + " ended " + moments);
  }

  /** Waits until the process has made a state, or gone on from the one that there was. */
  private void awaitWork(Process process, boolean begins) throws Exception {
    ChildProcess.await(
        process,
        () -> begins ? Files.exists(state()) : Files.readString(log).contains("resumed at"));
  }

  private Path state() {
    return run.resolve("state/training.bin");
  }

  /**
   * Ends a process at a random moment: one in five anywhere, its start included, the others while
   * it works.
   *
   * @param work milliseconds for which an undisturbed one does
   * @return whether it had not ended by itself
   */
  private boolean aProcessIsEnded(Random random, long work) throws Exception {
    boolean begins = !Files.exists(state());
    Process process = start();
    if (random.nextInt(5) > 0) {
      awaitWork(process, begins);
    }
    if (process.waitFor((long) (random.nextDouble() * work), TimeUnit.MILLISECONDS)) {
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
      return false;
    }
    // Two of three as a crash does.
    String[] signals = {"KILL", "KILL", "KILL", "KILL", "TERM", "INT"};
    end(process, signals[random.nextInt(signals.length)]);
    return true;
  }

  /** Continues to the end, where there is something to continue with, and compares. */
  private void finish(Map<String, String> expected) throws IOException {
    StringWriter err = new StringWriter();
    boolean finished = isFinished();
    boolean begun = Files.exists(run.resolve("config.yaml"));
    int code = begun ? lcsc(err, "train", "--resume", run) : lcsc(err, "train", config);
    assertThat(code).as(err.toString()).isEqualTo(finished ? 2 : 0);
    assertUndisturbed(expected);
  }
}
