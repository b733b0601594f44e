package org.lcsc.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a browser, where there is one. */
class BrowserTest {

  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

  /**
   * Opens the page in a frame as wide as a phone, and tells how far it reaches beyond that and what
   * it loaded.
   */
  private static final String FRAME =
      """
      <!DOCTYPE html><meta charset="utf-8"><body>
      <iframe id="f" src="report.html" style="width:380px;height:700px;border:0"></iframe>
      <pre id="found">not loaded</pre>
      <script>
      document.getElementById('f').onload = function () {
        const d = this.contentDocument;
        for (const s of d.querySelectorAll('details')) s.open = true;
        const visible = [...d.querySelectorAll('svg.chart')].filter(s => s.getClientRects().length);
        document.getElementById('found').textContent =
          'overflow=' + (d.documentElement.scrollWidth - d.documentElement.clientWidth)
          + ' loaded=' + this.contentWindow.performance.getEntriesByType('resource').length
          + ' charts=' + visible.length
          + ' pictures=' + [...d.images].filter(i => i.naturalWidth > 0).length;
      };
      </script></body>
      """;

  @TempDir Path directory;

  @Test
  void fitsAPhoneLoadsNothingAndComplainsOfNothing() throws Exception {
    assumeTrue(Files.isExecutable(CHROMIUM), "needs " + CHROMIUM);
    RunData run = RunData.read(SampleRun.finished(directory.resolve("run")), "run");
    Files.writeString(directory.resolve("report.html"), ReportPage.html(List.of(run, run), 0));
    Path frame = Files.writeString(directory.resolve("frame.html"), FRAME);

    Path dom = directory.resolve("dom.txt");
    Path log = directory.resolve("log.txt");
    int exit = open(frame, dom, log);

    assertThat(exit).as(Files.readString(log)).isZero();
    assertThat(Files.readString(dom)).contains(">overflow=0 loaded=0 charts=15 pictures=2");
    assertThat(Files.readString(log)).doesNotContain("CONSOLE");
  }

  private int open(Path page, Path dom, Path log) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(CHROMIUM.toString());
    command.addAll(
        List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--allow-file-access-from-files",
            "--enable-logging=stderr",
            "--virtual-time-budget=20000",
            "--user-data-dir=" + directory.resolve("profile"),
            "--dump-dom",
            page.toUri().toString()));
    Process browser =
        new ProcessBuilder(command)
            .redirectOutput(dom.toFile())
            .redirectError(log.toFile())
            .start();
    try {
      assertThat(browser.waitFor(120, TimeUnit.SECONDS)).as("the browser ends").isTrue();
      return browser.exitValue();
    } finally {
      browser.destroyForcibly().waitFor();
    }
  }
}
