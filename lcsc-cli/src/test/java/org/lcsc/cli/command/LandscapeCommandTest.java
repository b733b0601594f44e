package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lcsc.experiment.output.CsvReader;
import org.w3c.dom.Document;

/** A landscape of a tiny run, from end to end. */
class LandscapeCommandTest extends CommandLineTest {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model:
        kind: diffusion
        unet: { channels: 4, multipliers: [1], blocks: 1 }
      training: { iterations: 24, batchSize: 16, learningRate: 2.0e-3, gradientClip: 1.0, seed: 3 }
      sampler: { kind: ddim, steps: 2, batchSize: 40 }
      ema: { rates: [0.5, 0.9, 0.95] }
      lcsc:
        window: 16
        interval: 2
        searchAt: [24]
        search: { strategy: evolution, evaluations: 10, samples: 70, seed: 7 }
        validation: { samples: 70, seed: 8 }
        report: { samples: 70, seed: 9 }
      output: %s
      """;

  private Path run;
  private Path csv;

  @BeforeEach
  void trainBriefly() throws IOException {
    run = directory.resolve("run");
    csv = run.resolve("landscape.csv");
    Path config = directory.resolve("config.yaml");
    Files.writeString(config, CONFIG.formatted(run));
    succeeds("train", config, "--keep-checkpoints");
  }

  private List<List<String>> rows() throws IOException {
    List<List<String>> all = CsvReader.rows(csv);
    return all.subList(1, all.size());
  }

  @Test
  void everyPointOfTheGridIsScoredAndDrawn() throws Exception {
    succeeds("landscape", run, "--grid", "3", "--range", "-1,1,0,1");
    List<List<String>> rows = rows();
    // Three checkpoints, three EMAs, LCSC, and the grid.
    assertThat(rows).hasSize(7 + 9);
    assertThat(rows.get(0).get(4)).startsWith("iteration 10 #");
    assertThat(rows.get(6).get(4)).startsWith("LCSC 24 #");
    Set<String> points = new HashSet<>();
    rows.subList(7, 16).forEach(row -> points.add(row.get(5) + "," + row.get(6)));
    assertThat(points).hasSize(9).contains("-1.0,0.0", "0.0,0.5", "1.0,1.0");
    String atOrigin =
        rows.stream()
            .filter(row -> row.get(4).isEmpty() && row.get(5).equals("0.0"))
            .filter(row -> row.get(6).equals("0.0"))
            .findFirst()
            .orElseThrow()
            .get(8);
    assertThat(atOrigin).as("the first corner lies at the origin").isEqualTo(rows.get(0).get(8));

    BufferedImage png = ImageIO.read(run.resolve("landscape.png").toFile());
    assertThat(png.getWidth()).isEqualTo(1520);
    Document svg =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(
                new ByteArrayInputStream(
                    Files.readString(run.resolve("landscape.svg"))
                        .getBytes(StandardCharsets.UTF_8)));
    String text = svg.getDocumentElement().getTextContent();
    assertThat(text)
        .contains("Landscape of three checkpoints, run", "iteration 10", "EMA 0.95: FID")
        .contains("LCSC 24: FID", "projection", "best model of the grid: FID");
  }

  @Test
  void finishedPointsAreNotScoredAgain() throws IOException {
    succeeds("landscape", run, "--grid", "3", "--range", "-1,1,0,1");
    String whole = Files.readString(csv);
    // Cut off in the midst of a row, as a crash would.
    List<String> lines = whole.lines().toList();
    Files.writeString(csv, String.join("\n", lines.subList(0, 12)) + "\n12,check");
    succeeds("landscape", run, "--grid", "3", "--range", "-1,1,0,1");
    assertThat(csv).hasContent(whole);
    succeeds("landscape", run, "--grid", "3", "--range", "-1,1,0,1");
    assertThat(csv).hasContent(whole);
    // On other noise they are others.
    succeeds("landscape", run, "--grid", "2", "--range", "-1,1,0,1", "--seed", "70");
    assertThat(rows()).hasSize(16 + 7 + 4);
    assertThat(rows().get(16).get(8)).isNotEqualTo(rows().get(0).get(8));
  }

  @Test
  void averagesAndFilesSpanAPlaneToo() throws IOException {
    for (String points :
        new String[] {
          "ema",
          "ema:0.5,0.9,0.95",
          "window-ema:0.8",
          "checkpoints:12,16,24",
          run.resolve("ema/0.5.zip")
              + ","
              + run.resolve("lcsc/24/model.zip")
              + ","
              + run.resolve("checkpoints/iteration-10.zip")
        }) {
      succeeds("landscape", run, "--grid", "2", "--points", points, "--samples", "66");
      assertThat(out.toString()).contains("best of 4 models");
    }
    String svg = Files.readString(run.resolve("landscape.svg"));
    assertThat(svg).contains("LCSC 24", "on the plane");
  }

  @Test
  void aMistakeIsOneLine() {
    refuses("no checkpoint of iteration 3", "landscape", run, "--points", "checkpoints:3,4,6");
    refuses("not a rate (2)", "landscape", run, "--points", "ema:0.5,0.9,2");
    refuses("lie on one line", "landscape", run, "--points", "checkpoints:12,12,24");
    refuses("unknown (moon)", "landscape", run, "--points", "moon");
    refuses("2 values", "landscape", run, "--points", "ema:0.5,0.9");
    refuses("not a range", "landscape", run, "--range", "1,0,0,1");
    refuses("at least 2 points a side, got 1", "landscape", run, "--grid", "1");
    refuses("allowed: a directory that a training wrote", "landscape", directory.resolve("none"));
  }
}
