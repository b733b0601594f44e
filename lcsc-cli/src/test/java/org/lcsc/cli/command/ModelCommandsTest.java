package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lcsc.config.YamlConfig;
import org.lcsc.datasets.DataSets;
import org.lcsc.datasets.Split;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.export.ModelExporter;
import org.lcsc.io.Json;
import org.lcsc.io.NpyArray;
import org.lcsc.io.NpzArchive;
import org.lcsc.io.Sha256;
import org.lcsc.metrics.FeatureStatistics;

/** Sampling and scoring of finished models. */
class ModelCommandsTest extends FinishedRun {

  private static BufferedImage png(Path file) throws IOException {
    return ImageIO.read(file.toFile());
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  @Test
  void samplesAreWrittenAsFilesAndArraysToo() throws IOException {
    Path grid = directory.resolve("files.png");
    succeeds("sample", best, "--count", 3, "--columns", 3, "--scale", 1, "--out", grid);
    Path folder = directory.resolve("files");
    succeeds("sample", best, "--count", 3, "--out", folder);
    Path archive = directory.resolve("files.npz");
    succeeds("sample", best, "--count", 3, "--out", archive);
    BufferedImage all = ImageIO.read(grid.toFile());
    try (NpzArchive arrays = NpzArchive.open(archive)) {
      NpyArray images = arrays.read("arr_0", 10_000);
      int side = images.shape()[1];
      assertThat(images.shape()).containsExactly(3, side, side, 1);
      int padding = (all.getWidth() - 3 * side) / 4;
      for (int i = 0; i < 3; i++) {
        BufferedImage one = ImageIO.read(folder.resolve("00000" + i + ".png").toFile());
        assertThat(one.getWidth()).isEqualTo(side);
        for (int y = 0; y < side; y++) {
          for (int x = 0; x < side; x++) {
            int left = padding + i * (side + padding);
            assertThat(one.getRGB(x, y)).isEqualTo(all.getRGB(left + x, padding + y));
            assertThat(images.doubles()[(i * side + y) * side + x])
                .isEqualTo(one.getRGB(x, y) & 0xff);
          }
        }
      }
    }
    refuses("--out: exists already", "sample", best, "--count", 1, "--out", folder);
    refuses("--scale: has no effect", "sample", best, "--scale", 2, "--out", archive);
    refuses("--steps: has no effect", "evaluate", folder, "--dataset", "digits", "--steps", 3);
    refuses("samples of one model", "sample", best, average, "--count", 1, "--out", archive);
    Path several = directory.resolve("several");
    succeeds("sample", best, average, "--count", 1, "--out", several);
    try (Stream<Path> models = Files.list(several)) {
      assertThat(models).hasSize(2).allSatisfy(m -> assertThat(m.resolve("000000.png")).exists());
    }
  }

  @Test
  void samplesDependOnModelAndSeedOnly() throws IOException {
    Path first = directory.resolve("new/a.png");
    Path again = directory.resolve("b.png");
    succeeds("sample", best, "--count", 4, "--columns", 4, "--scale", 1, "--out", first);
    assertThat(out.toString()).isEqualToNormalizingNewlines("written: " + first + "\n");
    assertThat(err.toString()).contains("sampling 4/4 100%");
    assertThat(png(first).getWidth()).isEqualTo(4 * (8 + 2) + 2);
    assertThat(png(first).getHeight()).isEqualTo(8 + 2 + 2);

    succeeds("sample", best, "--count", 4, "--columns", 4, "--scale", 1, "--out", again);
    assertThat(Files.readAllBytes(again)).isEqualTo(Files.readAllBytes(first));

    for (List<Object> other :
        List.<List<Object>>of(
            List.of(best, "--seed", 2), List.of(average), List.of(best, "--steps", 4))) {
      Object[] shared = {"--count", 4, "--columns", 4, "--scale", 1, "--out", again};
      Object[] arguments = new Object[1 + other.size() + shared.length];
      arguments[0] = "sample";
      System.arraycopy(other.toArray(), 0, arguments, 1, other.size());
      System.arraycopy(shared, 0, arguments, 1 + other.size(), shared.length);
      succeeds(arguments);
      assertThat(pixels(png(again))).as(other.toString()).isNotEqualTo(pixels(png(first)));
    }
  }

  @Test
  void aModelScoresAsItsOwnImagesDo() throws IOException {
    Path grid = directory.resolve("grid.png");
    succeeds(
        "sample", best, "--count", 40, "--columns", 40, "--scale", 1, "--seed", 7, "--out", grid);
    Path folder = Files.createDirectory(directory.resolve("images"));
    for (int i = 0; i < 40; i++) {
      BufferedImage tile = png(grid).getSubimage(2 + 10 * i, 2, 8, 8);
      ImageIO.write(tile, "png", folder.resolve(String.format("%02d.png", i)).toFile());
    }
    for (String space : new String[] {"pixels", "random-projection"}) {
      Path ofModel = directory.resolve("model-" + space + ".json");
      Path ofImages = directory.resolve("images-" + space + ".json");
      succeeds(
          "evaluate", best, "--seed", 7, "--samples", 40, "--features", space, "--out", ofModel);
      succeeds("evaluate", folder, "--dataset", "digits", "--features", space, "--out", ofImages);
      double expected = Json.read(ofImages).get("models").get(0).get("fid").asDouble();
      assertThat(Json.read(ofModel).get("models").get(0).get("fid").asDouble())
          .as(space)
          .isCloseTo(expected, withinPercentage(1e-4));
    }
  }

  @Test
  void spacesOfTheOptionsStandInForThoseThatAreNotHere() throws IOException {
    Files.writeString(
        run.resolve("config.yaml"), CONFIG + "features: [random-projection, elsewhere.yaml]\n");
    Path scores = directory.resolve("scores.json");
    Object[] evaluate = {"evaluate", best, "--samples", 40, "--no-memorisation", "--out", scores};
    refuses("elsewhere.yaml: no such file", evaluate);
    Object[] withSpace = Arrays.copyOf(evaluate, evaluate.length + 2);
    withSpace[evaluate.length] = "--features";
    withSpace[evaluate.length + 1] = "pixels";
    succeeds(withSpace);
    assertThat(err.toString())
        .contains("lcsc: warning: features[1]: left out, no such file (elsewhere.yaml)");
    JsonNode measured = new ObjectMapper().readTree(scores.toFile());
    assertThat(measured.get("models").get(0).get("spaces"))
        .extracting(space -> space.get("name").asText())
        .endsWith("FID (random projection)", "FID (pixels)");
    assertThat(measured.get("features").asText()).startsWith("random-projection");
  }

  @Test
  void drawsSeveralModelsSideBySideFromTheSameNoise() throws IOException {
    Path file = directory.resolve("both.png");
    succeeds("sample", best, average, best, "--count", 1, "--scale", 1, "--out", file);
    BufferedImage image = png(file);
    int width = 8 + 2 + 2;
    int step = width + 16;
    assertThat(image.getWidth()).isEqualTo(2 * step + width);
    int y = image.getHeight() - width;
    int[][] grids = new int[3][];
    for (int i = 0; i < 3; i++) {
      grids[i] = image.getRGB(i * step, y, width, width, null, 0, width);
    }
    assertThat(grids[2]).isEqualTo(grids[0]).isNotEqualTo(grids[1]);
  }

  @Test
  void warnsOfSamplesThatAreNotFinite() throws IOException {
    Path broken = run.resolve("nan.zip");
    ModelExporter.write(broken, network, notFinite(), 1);
    succeeds("sample", broken, "--count", 1, "--out", directory.resolve("a.png"));
    assertThat(err.toString()).contains("lcsc: nan.zip: warning: samples are not finite");
  }

  @Test
  void refusesFilesThatAreNoModelsOfTheConfiguration() throws IOException {
    Path png = directory.resolve("a.png");
    Path missing = run.resolve("lcsc/80/modell.zip");
    refuses(missing + ": no such file", "sample", missing, "--out", png);
    refuses(run + ": is not a file", "sample", run, "--out", png);

    byte[] whole = Files.readAllBytes(best);
    Path cut = Files.write(run.resolve("cut.zip"), Arrays.copyOf(whole, whole.length / 2));
    refuses(cut + ": not a whole model file (no zip, or cut off", "sample", cut, "--out", png);

    byte[] flipped = whole.clone();
    // Within the compressed parameters, the larger part of the file.
    flipped[whole.length / 2] ^= 0x55;
    Path damaged = Files.write(run.resolve("damaged.zip"), flipped);
    refuses(damaged + ": not a whole model file (", "sample", damaged, "--out", png);

    Path text = Files.writeString(run.resolve("text.zip"), "not a zip");
    refuses(text + ": not a whole model file (", "evaluate", text);
    assertThat(png).doesNotExist();
  }

  @Test
  void refusesAnotherArchitecture() throws IOException {
    Experiment wider =
        Experiment.load(
            YamlConfig.parse(
                "wider", CONFIG.replace("channels: 8", "channels: 16"), RunConfig.class));
    ComputationGraph other = wider.newNetwork();
    Path model = run.resolve("wider.zip");
    ModelExporter.write(model, other, other.params(), 1);
    refuses(
        model + ": another architecture than the configuration's, /",
        "sample",
        best,
        model,
        "--out",
        directory.resolve("a.png"));
  }

  @Test
  void acceptsTheSameArchitectureTrainedOtherwise() throws IOException {
    String config =
        CONFIG.replace("learningRate: 1e-3", "learningRate: 2e-3, seed: 5, gradientClip: 1.0");
    Path file = Files.writeString(directory.resolve("other.yaml"), config);
    Path png = directory.resolve("a.png");
    succeeds("sample", best, "--config", file, "--count", 1, "--out", png);
    assertThat(png).exists();
  }

  @Test
  void findsTheConfigurationOfTheRunOrAsksForOne() throws IOException {
    Path png = directory.resolve("a.png");
    succeeds("sample", run.resolve("lcsc/80/model.zip"), "--count", 1, "--out", png);

    Path stray = directory.resolve("a/b/c/d/stray.zip");
    Files.createDirectories(stray.getParent());
    Files.copy(best, stray);
    refuses(
        stray + ": is in no run directory (config.yaml), needed: --config FILE",
        "sample",
        stray,
        "--out",
        png);
    // Beside a model of a run there is one for both.
    succeeds("sample", stray, best, "--count", 1, "--out", png);

    Files.writeString(stray.resolveSibling("config.yaml"), CONFIG.replace("steps: 2", "steps: 4"));
    refuses("another sampler than", "sample", best, stray, "--out", png);
    Path none = directory.resolve("none.yaml");
    refuses(none + ": no such file", "sample", best, "--config", none, "--out", png);
  }

  @Test
  void refusesWrongOptionsBeforeTheWork() {
    Path png = directory.resolve("a.png");
    refuses("--count: too small (0)", "sample", best, "--count", 0, "--out", png);
    refuses("--columns: too small (0)", "sample", best, "--columns", 0, "--out", png);
    refuses("--steps: too small (0)", "sample", best, "--steps", 0, "--out", png);
    refuses("--out: exists already", "sample", best, "--out", run);
    refuses("--samples: too small (1)", "evaluate", best, "--samples", 1);
    refuses("--out: expected a name that ends in .json", "evaluate", best, "--out", png);
  }

  @Test
  void scoresModelsOnTheSameNoiseAsTheSearchDoes() throws IOException {
    Path json = directory.resolve("scores.json");
    Path copy = Files.copy(best, run.resolve("copy.zip"));
    succeeds("evaluate", best, average, copy, "--samples", 8, "--seed", 5, "--out", json);
    assertThat(out.toString())
        .contains("held-out images", "best.zip", "0.99.zip", "noise seed 5", "written: " + json);

    JsonNode result = new ObjectMapper().readTree(json.toFile());
    JsonNode models = result.get("models");
    double expected = experiment.fid(network, 5, 8).evaluate(network.params()).score();
    assertThat(models.get(0).get("fid").asDouble()).isEqualTo(expected);
    assertThat(models.get(2).get("fid").asDouble()).isEqualTo(expected);
    assertThat(models.get(2).get("kid").get("mean"))
        .isEqualTo(models.get(0).get("kid").get("mean"));
    assertThat(models.get(1).get("fid").asDouble()).isNotEqualTo(expected);
    assertThat(models.get(0).get("fidSecondSpace").asDouble()).isNotEqualTo(expected);
    assertThat(out.toString()).contains("FID (2nd space)");
    assertThat(models.get(0).get("sha256").asText()).isEqualTo(Sha256.of(network.params()));
    assertThat(models.get(0).get("kid").get("subsetSize").asInt()).isEqualTo(8);
    assertThat(models.get(0).get("seconds").get("sampling").asDouble()).isPositive();

    assertThat(result.get("heldOut").get("samples").asInt()).isEqualTo(8);
    assertThat(result.get("heldOut").get("fid").asDouble()).isLessThan(expected);
    assertThat(result.get("heldOut").get("kid").get("mean").asDouble())
        .isLessThan(models.get(0).get("kid").get("mean").asDouble());
  }

  @Test
  void comparesTwoModelsOverNoiseSeeds() throws IOException {
    Path json = directory.resolve("comparison.json");
    succeeds(
        "evaluate",
        best,
        average,
        "--compare",
        "--seeds",
        2,
        "--samples",
        6,
        "--out",
        json,
        "--no-memorisation");
    assertThat(out.toString())
        .contains("best.zip", "0.99.zip", "95 % interval", "noise seed 9 to 10", "held-out images");
    JsonNode result = new ObjectMapper().readTree(json.toFile());
    JsonNode fid = result.get("differences").get(0);
    assertThat(fid.get("metric").asText()).isEqualTo("FID");
    double expected = 0;
    for (int seed = 9; seed <= 10; seed++) {
      double second = experiment.fid(network, seed, 6).evaluate(network.params().mul(0.5)).score();
      double first = experiment.fid(network, seed, 6).evaluate(network.params()).score();
      expected += (second - first) / 2;
    }
    assertThat(fid.get("difference").asDouble()).isCloseTo(expected, within(1e-6));
    assertThat(fid.get("low").asDouble()).isLessThan(expected);
    refuses("--compare: takes two models", "evaluate", best, "--compare");
    refuses("--seeds: has no effect (2)", "evaluate", best, "--seeds", 2);
    refuses("--seeds: too small (1)", "evaluate", best, average, "--compare", "--seeds", 1);
  }

  @Test
  void theFloorIsTheDistanceOfAllHeldOutImages() throws IOException {
    Path json = directory.resolve("scores.json");
    succeeds("evaluate", best, "--samples", 400, "--steps", 2, "--out", json);

    var test = new DataSets.Digits().load(Split.TEST);
    double floor =
        experiment
            .reference()
            .distance(
                FeatureStatistics.of(
                    experiment.features(), List.of(test.batch(0, test.size())).iterator()));
    JsonNode heldOut = new ObjectMapper().readTree(json.toFile()).get("heldOut");
    assertThat(heldOut.get("samples").asInt()).isEqualTo(test.size());
    assertThat(heldOut.get("fid").asDouble()).isCloseTo(floor, within(1e-6 * floor));
  }

  @Test
  void aModelThatIsNotFiniteHasNoScore() throws IOException {
    Path broken = run.resolve("nan.zip");
    ModelExporter.write(broken, network, notFinite(), 1);
    Path json = directory.resolve("scores.json");
    succeeds("evaluate", broken, "--samples", 4, "--out", json);
    assertThat(err.toString()).contains("lcsc: nan.zip: warning: a sample is not finite");
    assertThat(out.toString()).contains("NaN");
    JsonNode model = new ObjectMapper().readTree(json.toFile()).get("models").get(0);
    assertThat(model.get("fid").isNull()).isTrue();
  }
}
