package org.lcsc.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.experiment.run.RunDirectory;

@Timeout(60)
class LiveReportTest {

  @TempDir Path directory;

  private String awaitPage(Path page, String part) throws Exception {
    for (int i = 0; i < 500; i++) {
      if (Files.exists(page) && Files.readString(page).contains(part)) {
        return Files.readString(page);
      }
      Thread.sleep(100);
    }
    throw new AssertionError("no " + part + " in " + page);
  }

  @Test
  void followsARunToItsEnd() throws Exception {
    Path root = SampleRun.unfinished(directory.resolve("run"), 450);
    RunDirectory run = RunDirectory.open(root);
    try (LiveReport report = LiveReport.start(run, 3600)) {
      assertThat(awaitPage(run.report(), "at iteration 450 of"))
          .contains("http-equiv=\"refresh\" content=\"3600\"");
      // Not in an hour, but at once after a search.
      SampleRun.search(root, 400, 4, 8);
      report.refresh();
      awaitPage(run.report(), "LCSC lowers");
      SampleRun.finished(root);
    }
    assertThat(Files.readString(run.report()))
        .contains("after 1,000 iterations")
        .doesNotContain("http-equiv");
  }

  @Test
  void aPageThatTookLongerDoesNotOvertakeTheLast() throws IOException {
    Path root = SampleRun.unfinished(directory.resolve("run"), 450);
    RunDirectory run = RunDirectory.open(root);
    LiveReport report = LiveReport.start(run, 3600);
    SampleRun.finished(root);
    report.close();
    report.publish("a page from before the end", false);
    assertThat(Files.readString(run.report())).contains("after 1,000 iterations");
  }

  @Test
  void leavesTheTrainingAloneWhateverGoesWrong() throws IOException {
    Path root = SampleRun.unfinished(directory.resolve("run"), 450);
    Files.writeString(root.resolve("metrics.csv"), "no numbers\nat all\n");
    LiveReport report = LiveReport.start(RunDirectory.open(root), 1);
    report.close();
    report.close();
    assertThat(root.resolve("report.html")).doesNotExist();
  }

  @Test
  void doesNotBringBackARunThatWasTakenAway() throws IOException {
    Path root = SampleRun.unfinished(directory.resolve("run"), 450);
    RunDirectory run = RunDirectory.open(root);
    Files.delete(root.resolve("config.yaml"));
    Files.delete(root.resolve("metrics.csv"));
    Files.delete(root);
    LiveReport.start(run, 1).close();
    assertThat(root).doesNotExist();
  }
}
