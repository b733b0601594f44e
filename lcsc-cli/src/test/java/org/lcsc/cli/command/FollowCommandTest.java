package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunResults;
import org.lcsc.export.Recipe;

/** Searches beside a training elsewhere, and searches by a command after {@code kill -9}. */
@Timeout(300)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the scorers are for a POSIX shell")
class FollowCommandTest extends CommandLineTest {

  private Path checkpoint(int step) {
    return directory.resolve("checkpoints/step-" + step + ".safetensors");
  }

  private void save(int step, float weight) throws IOException {
    Files.createDirectories(checkpoint(step).getParent());
    ForeignSearchCommandTest.save(checkpoint(step), weight);
  }

  private Path config(String run, String searchAt, String more) throws IOException {
    return Files.writeString(
        directory.resolve("search.yaml"),
        """
        objective: %s
        lcsc:
          window: 40
          interval: 10
          %s
          target: 0.01
          search: { evaluations: 40, strategy: evolution, seed: 7 }
        follow: { reached: '%s', poll: 0.05%s }
        output: %s
        """
            .formatted(
                ForeignSearchCommandTest.command(run),
                searchAt,
                directory.resolve("stop"),
                more,
                directory.resolve("run")));
  }

  private RunResults results() throws IOException {
    try (RunDirectory run = RunDirectory.open(directory.resolve("run"))) {
      return run.readResults();
    }
  }

  @Test
  void searchesAtTheConfiguredIterationsUntilTheTargetIsReached() throws Exception {
    // So far from 3 that 40 evaluations of the first search do not reach it.
    Path config = config(ForeignSearchCommandTest.DISTANCE, "searchAt: [20, 40, 60]", "");
    CompletableFuture<Integer> search =
        CompletableFuture.supplyAsync(
            () -> lcsc("search", config, "--follow", directory.resolve("checkpoints")));
    save(10, 500);
    save(20, 501);
    Path first = directory.resolve("run/lcsc/20/recipe.json");
    while (!Files.exists(first) && !search.isDone()) {
      Thread.sleep(20);
    }
    // A checkpoint that is still being written is not looked at.
    save(30, 4);
    byte[] whole = Files.readAllBytes(checkpoint(30));
    Files.write(checkpoint(30), Arrays.copyOf(whole, 30));
    Thread.sleep(500);
    assertThat(search).isNotDone();
    Files.write(checkpoint(30), whole);
    save(40, 3);
    assertThat(search.get()).as(err.toString()).isZero();

    assertThat(directory.resolve("stop")).content().contains("reached").contains("iteration 40");
    assertThat(results().searches()).extracting(s -> s.iteration()).containsExactly(20L, 40L);
    assertThat(results().stopped()).contains("the target 0.01");
    Recipe recipe = Recipe.read(directory.resolve("run/lcsc/40/recipe.json"));
    assertThat(recipe.checkpoints()).containsExactly(10, 20, 30, 40);
    assertThat(directory.resolve("run/lcsc/best.safetensors")).exists();
    assertThat(directory.resolve("run/state")).doesNotExist();
    assertThat(out.toString()).contains("Iteration 20").contains("Iteration 40");
  }

  @Test
  void aTrainingThatEndsEarlyEndsTheSearch() throws Exception {
    save(10, 5);
    save(20, 8);
    Path config =
        config(ForeignSearchCommandTest.DISTANCE + " | sed s/^/1/", "every: 20", ", patience: 0.5");
    Files.writeString(directory.resolve("stop"), "of an earlier run");
    succeeds("search", config, "--follow", directory.resolve("checkpoints"));
    assertThat(results().searches()).extracting(s -> s.iteration()).containsExactly(20L);
    assertThat(directory.resolve("stop")).doesNotExist();
    assertThat(lcsc("search", config, "--overwrite", "--follow", directory.resolve("nowhere")))
        .isEqualTo(2);
    assertThat(err.toString()).contains("no checkpoint has come within follow.patience");
  }

  @Test
  void oneWindowIsSearchedOnce() throws Exception {
    // What is due at 25 is searched at once, with the window that ended at 20; 27 has no other.
    for (int step : new int[] {10, 20, 25, 27, 30}) {
      save(step, 500 + step);
    }
    Path config = config(ForeignSearchCommandTest.DISTANCE, "every: 25", ", patience: 0.5");
    succeeds("search", config, "--follow", directory.resolve("checkpoints"));
    assertThat(results().searches()).extracting(s -> s.iteration()).containsExactly(20L);
  }

  @Test
  void aTrainingThatCountsFromZeroIsSearchedToo() throws Exception {
    for (int step : new int[] {9, 19, 24, 29, 39}) {
      save(step, 500 + step);
    }
    Path config = config(ForeignSearchCommandTest.DISTANCE, "searchAt: [30]", "");
    succeeds("search", config, "--follow", directory.resolve("checkpoints"));
    Recipe recipe = Recipe.read(directory.resolve("run/lcsc/39/recipe.json"));
    assertThat(recipe.checkpoints()).containsExactly(9, 19, 29, 39);
  }

  @Test
  void withoutASearchTheEndSaysWhatCame() throws Exception {
    save(10, 5);
    save(20, 8);
    Path config = config(ForeignSearchCommandTest.DISTANCE, "searchAt: [40]", ", patience: 0.5");
    assertThat(lcsc("search", config, "--follow", directory.resolve("checkpoints"))).isEqualTo(1);
    assertThat(lastErrorLine())
        .contains("no search took place", "step-20.safetensors, of iteration 20", "iteration 40");
  }

  @Test
  void aTryThatIsAskedToEndLeavesNothing() throws Exception {
    save(10, 5);
    save(20, 8);
    Path pid = directory.resolve("pid");
    Path config = config("echo $$ > '" + pid + "'; sleep 600 # {model}", "searchAt: [20]", "");
    Path checkpoints = directory.resolve("checkpoints");
    for (String kind : new String[] {"--checkpoints", "--follow"}) {
      Process process =
          ChildProcess.start(directory.resolve("child.log"), "search", config, kind, checkpoints);
      ChildProcess.await(process, () -> Files.exists(pid) && Files.size(pid) > 1);
      process.destroy();
      int code = process.waitFor();
      assertThat(code).as(Files.readString(directory.resolve("child.log"))).isEqualTo(143);
      long scorer = Long.parseLong(Files.readString(pid).strip());
      while (!ChildProcess.ended(scorer)) {
        Thread.sleep(20);
      }
      assertThat(directory.resolve("run")).doesNotExist();
      Files.delete(pid);
    }
  }

  @Test
  void aKilledSearchContinuesToTheSameResult() throws Exception {
    for (int k = 1; k <= 4; k++) {
      save(10 * k, 2 * k);
    }
    Path run = directory.resolve("run");
    Path checkpoints = directory.resolve("checkpoints");
    String slow = "sleep 0.05; " + ForeignSearchCommandTest.DISTANCE + " | sed s/^/1/";
    for (String kind : new String[] {"--checkpoints", "--follow"}) {
      Path config = config(slow, "searchAt: [40]", "");
      succeeds("search", config, "--overwrite", kind, checkpoints);
      byte[] undisturbed = Files.readAllBytes(run.resolve("lcsc/40/model.safetensors"));

      Path log = run.resolve("lcsc/40/search.csv");
      Process process =
          ChildProcess.start(
              directory.resolve("child.log"), "search", config, "--overwrite", kind, checkpoints);
      // The log of the run that is to be deleted is there at first.
      ChildProcess.await(process, () -> Files.exists(run.resolve("state")));
      ChildProcess.await(process, () -> Files.exists(log) && Files.readAllLines(log).size() > 22);
      assertThat(process.isAlive()).as(Files.readString(directory.resolve("child.log"))).isTrue();
      ChildProcess.kill(process);
      assertThat(run.resolve("results.json")).doesNotExist();

      succeeds("search", "--resume", run);
      assertThat(run.resolve("lcsc/40/model.safetensors")).hasBinaryContent(undisturbed);
      assertThat(Files.readAllLines(log)).hasSize(41);
    }
  }
}
