package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.experiment.output.CsvReader;

/** {@code search} and {@code sweep} after kills and failures, against undisturbed ones. */
@Timeout(900)
class SearchResumeTest extends CommandStreams {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model:
        kind: diffusion
        unet: { channels: 4, multipliers: [1], blocks: 1 }
      training: { iterations: 12, batchSize: 16, learningRate: 2.0e-3, gradientClip: 1.0, seed: 3 }
      sampler: { kind: ddim, steps: 2, batchSize: 40 }
      ema: { rates: [0.8] }
      lcsc:
        window: 8
        interval: 2
        searchAt: [12]
        search: { evaluations: 40, samples: 80, seed: 7, strategy: evolution }
        validation: { samples: 80, seed: 8 }
        report: { samples: 80, seed: 9 }
        greedySoup: 2
      output: %s
      """;

  private static final String STUDY =
      """
      base: %s
      mode: search
      checkpoints: %s
      marks: []
      axes:
        - key: strategy
          cases:
            - { label: evolution }
            - { label: cma, set: [lcsc.search.strategy=cma-es, lcsc.search.strategy.limit=1] }
        - { key: lcsc.search.seed, values: [1, 2] }
      output: %s
      """;

  /** Shared, as is the run's path: it stands in recipes. */
  @TempDir static Path directory;

  private static Path run;
  private static Path config;
  private static Path checkpoints;
  private static Path study;
  private static Path sweep;
  private static Map<String, String> undisturbed;
  private static List<List<String>> undisturbedRows;

  @BeforeAll
  static void searchUndisturbed() throws IOException {
    run = directory.resolve("run");
    config = directory.resolve("config.yaml");
    study = directory.resolve("study.yaml");
    sweep = directory.resolve("sweep");
    checkpoints = directory.resolve("checkpoints");
    Path training = directory.resolve("training");
    Files.writeString(config, CONFIG.formatted(training));
    SearchResumeTest first = new SearchResumeTest();
    first.succeeds("train", config, "--keep-checkpoints", "--set", "lcsc.search.evaluations=12");
    Files.move(training.resolve("checkpoints"), checkpoints);
    Files.writeString(config, CONFIG.formatted(run));
    assertThat(first.search()).as(first.err.toString()).isZero();
    undisturbed = RunContents.of(run);
    assertThat(undisturbed)
        .containsKeys("results.json", "search.yaml", "lcsc/12/model.zip")
        .noneSatisfy((name, content) -> assertThat(name).startsWith("state/"));
    Files.writeString(study, STUDY.formatted(config, checkpoints, sweep));
    first.succeeds("sweep", study);
    undisturbedRows = scores();
    assertThat(undisturbedRows).hasSize(1 + 4 * 3);
    first.moveAway();
  }

  /** The next test's run takes its place. */
  @AfterEach
  void moveAway() throws IOException {
    for (Path path : List.of(run, sweep)) {
      if (Files.exists(path)) {
        Files.move(path, directory.resolve("old-" + System.nanoTime()));
      }
    }
  }

  private static Object[] searchArguments() {
    return new Object[] {"search", config, "--checkpoints", checkpoints};
  }

  private int search() {
    return lcsc(searchArguments());
  }

  /** The study's rows without times. */
  private static List<List<String>> scores() throws IOException {
    return CsvReader.rows(sweep.resolve("curves.csv")).stream()
        .map(
            row -> {
              List<String> cells = new ArrayList<>(row);
              cells.remove(3);
              return cells;
            })
        .toList();
  }

  @Test
  void aSearchKilledAgainAndAgainEndsAsIfUndisturbed() throws Exception {
    Random random = ChildProcess.random(getClass());
    Path log = directory.resolve("child.log");
    Path rows = run.resolve("lcsc/12/search.csv");
    int first = 2 + random.nextInt(10);

    Process child = ChildProcess.start(log, searchArguments());
    ChildProcess.await(child, () -> Files.exists(rows) && Files.readAllLines(rows).size() > first);
    refuses("is in use by another process", "search", "--resume", run);
    ChildProcess.kill(child);
    refuses("holds a search, allowed: lcsc search", "train", "--resume", run);
    assertThat(search()).isEqualTo(2);
    assertThat(err.toString()).hasLineCount(1).contains("allowed: lcsc search --resume");

    // Anywhere after it continued: in the search, in the scoring of baselines, or at the end.
    child = ChildProcess.start(log, "search", "--resume", run);
    ChildProcess.await(child, () -> Files.readString(log).contains("checkpoints of iterations"));
    Thread.sleep(random.nextInt(2500));
    ChildProcess.kill(child);

    boolean finished = Files.exists(run.resolve("results.json"));
    assertThat(lcsc("search", "--resume", run)).as(err.toString()).isEqualTo(finished ? 2 : 0);
    assertThat(RunContents.differences(RunContents.of(run), undisturbed)).isEmpty();
  }

  @Test
  void aFailedSearchGoesOnOnceItIsMended() throws Exception {
    Path models = directory.resolve("models");
    Files.createDirectories(run.resolve("lcsc"));
    assertThat(search()).isEqualTo(2);
    assertThat(err.toString()).contains("holds no run");
    Files.delete(run.resolve("lcsc"));

    Process child = ChildProcess.start(directory.resolve("child.log"), searchArguments());
    ChildProcess.await(child, () -> Files.exists(run.resolve("state/identity.txt")));
    ChildProcess.kill(child);
    Path results = Files.createDirectories(run.resolve("results.md"));
    assertThat(lcsc("search", "--resume", run)).isEqualTo(1);
    assertThat(lastErrorLine())
        .startsWith("lcsc: cannot write " + results + ": it is a directory; the state is kept, ")
        .endsWith("'lcsc search --resume " + run + "' continues once that is mended");
    Files.delete(results);

    // The checkpoints are not those that the search began with.
    Path file = checkpoints.resolve("iteration-8.zip");
    Files.move(file, models);
    Files.copy(checkpoints.resolve("iteration-10.zip"), file);
    assertThat(lcsc("search", "--resume", run)).isNotZero();
    assertThat(lastErrorLine()).contains("of another search: checksum of checkpoint 8 ");
    Files.delete(file);
    Files.move(models, file);

    String yaml = Files.readString(run.resolve("config.yaml"));
    Files.writeString(run.resolve("config.yaml"), yaml.replace("steps: 2", "steps: 4"));
    assertThat(lcsc("search", "--resume", run)).isEqualTo(2);
    assertThat(lastErrorLine()).contains("is of another configuration or other data");
    Files.writeString(run.resolve("config.yaml"), yaml);

    succeeds("search", "--resume", run);
    assertThat(err.toString()).contains("resumed after 40 evaluations");
    assertThat(RunContents.differences(RunContents.of(run), undisturbed)).isEmpty();
    refuses("holds a finished run", "search", "--resume", run);
  }

  @Test
  void aSweepKilledAgainAndAgainHasTheSameScores() throws Exception {
    Random random = ChildProcess.random(getClass());
    Path log = directory.resolve("child.log");

    // Within the first search, and then between two or in a later one.
    Process child = ChildProcess.start(log, "sweep", study);
    ChildProcess.await(child, () -> !files("search-12\\.bin").isEmpty());
    Thread.sleep(random.nextInt(200));
    ChildProcess.kill(child);
    child = ChildProcess.start(log, "sweep", study);
    int wanted = 1 + random.nextInt(2);
    ChildProcess.await(child, () -> files("candidate\\.json").size() >= wanted);
    Thread.sleep(random.nextInt(400));
    ChildProcess.kill(child);

    Path first = files("candidate\\.json").get(0);
    String before = Files.readString(first);
    succeeds("sweep", study);
    assertThat(scores()).isEqualTo(undisturbedRows);
    assertThat(first).as("finished candidates stay, their seconds included").hasContent(before);
    assertThat(out.toString()).contains("evolution", "cma", "40");
    assertThat(files("search-12\\.bin")).isEmpty();
  }

  private static List<Path> files(String pattern) throws IOException {
    if (!Files.exists(sweep)) {
      return List.of();
    }
    try (var entries = Files.walk(sweep)) {
      return entries.filter(file -> file.getFileName().toString().matches(pattern)).toList();
    } catch (UncheckedIOException e) {
      // What a search deletes meanwhile.
      return List.of();
    }
  }

  @Test
  void aSweepTakesFurtherCandidatesAndSearchesAnewWhatIsAnother() throws Exception {
    String small = STUDY.formatted(config, checkpoints, sweep).replace("marks: []", "marks: [10]");
    Files.writeString(study, small.replace("[1, 2]", "[1]"));
    succeeds("sweep", study);
    Path curves = sweep.resolve("curves.csv");
    List<List<String>> rows = CsvReader.rows(curves);
    assertThat(rows).hasSize(3);

    Files.writeString(study, small);
    succeeds("sweep", study);
    assertThat(err.toString().lines().filter(line -> line.endsWith("done before"))).hasSize(2);
    assertThat(CsvReader.rows(curves)).hasSize(5).containsAll(rows);

    Files.writeString(study, small.replace("marks", "set: [sampler.steps=4]\nmarks"));
    succeeds("sweep", study);
    assertThat(err.toString().lines().filter(line -> line.endsWith("done before"))).isEmpty();
    Files.writeString(study, STUDY.formatted(config, checkpoints, sweep));
  }
}
