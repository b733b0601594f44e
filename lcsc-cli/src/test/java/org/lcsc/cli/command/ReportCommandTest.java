package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lcsc.export.Recipe;

/** Reports of runs with real models. */
class ReportCommandTest extends FinishedRun {

  @BeforeEach
  void addBaselines() throws IOException {
    Path file = run.resolve("lcsc/80/recipe.json");
    Recipe r = Recipe.read(file);
    new Recipe(
            r.model(),
            r.iteration(),
            r.checkpoints(),
            r.coefficients(),
            r.groups(),
            r.ranges(),
            r.search(),
            r.validationScore(),
            r.reportScores(),
            List.of(
                new Recipe.Score("last", "LAST", 0, 9, Map.of("FID", 9.0)),
                new Recipe.Score("window-ema-0.5", "WINDOW_EMA", 0.5, 5, Map.of("FID", 6.0)),
                new Recipe.Score("ema-0.99", "EMA", 0.99, 6, Map.of("FID", 6.5))),
            r.parameters(),
            r.sha256(),
            r.versions(),
            r.provenance())
        .write(file);
    // So that the two models differ.
    org.lcsc.export.ModelExporter.write(
        run.resolve("ema/0.99.zip"), network, network.params(), 100);
  }

  @Test
  void writesTheReportIntoTheRunOrElsewhere() throws IOException {
    succeeds("report", run);
    Path page = run.resolve("report.html");
    assertThat(out.toString()).isEqualToNormalizingNewlines("written: " + page + "\n");
    assertThat(page).content().contains("LCSC lowers the FID of a diffusion model of digits");

    Path elsewhere = directory.resolve("pages/mine.html");
    succeeds("report", run, "--out", elsewhere, "--plots", directory.resolve("plots"));
    assertThat(elsewhere).hasSameBinaryContentAs(page);
    assertThat(directory.resolve("plots/coefficients-80.svg")).exists();
    assertThat(directory.resolve("plots/stages.png")).exists();
  }

  @Test
  void drawsThePairsThatDifferMost() throws IOException {
    succeeds("report", run, "--pairs", 4, "--pair-samples", 12);
    Path picture = run.resolve("samples/pairs-80.png");
    assertThat(out.toString()).contains("written: " + picture);
    assertThat(ImageIO.read(picture.toFile()).getWidth()).isPositive();
    List<String> rows = Files.readAllLines(run.resolve("samples/pairs-80.csv"));
    assertThat(rows).hasSize(5).first().isEqualTo("sample,distance");
    List<Double> distances =
        rows.stream().skip(1).map(row -> Double.valueOf(row.split(",")[1])).toList();
    assertThat(distances)
        .isSortedAccordingTo(java.util.Comparator.reverseOrder())
        .allMatch(distance -> distance > 0);
    assertThat(run.resolve("report.html")).content().contains("Figures 9 to 14");

    byte[] first = Files.readAllBytes(picture);
    succeeds("report", run, "--pairs", 4, "--pair-samples", 12);
    assertThat(Files.readAllBytes(picture)).isEqualTo(first);
  }

  @Test
  void refusesWhatIsNoRun() throws IOException {
    refuses("no such directory", "report", directory.resolve("none"));
    refuses("run: named twice, allowed: once", "report", run, run.resolve("../run"));
    refuses("--out: expected a name that ends in .html", "report", run, "--out", "x.txt");
    refuses("--pair-samples", "report", run, "--pairs", 5, "--pair-samples", 4);
    refuses(
        "--pair-samples: has no effect (9), allowed: with --pairs",
        "report",
        run,
        "--pair-samples",
        9);
    Path empty = Files.createDirectories(directory.resolve("empty"));
    Files.writeString(empty.resolve("config.yaml"), CONFIG);
    refuses("no search has ended, so there are no pairs", "report", empty, "--pairs", 2);
    Files.writeString(run.resolve("lcsc/80/recipe.json"), "{}");
    refuses("recipe.json", "report", run);
  }
}
