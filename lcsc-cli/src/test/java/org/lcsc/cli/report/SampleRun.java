package org.lcsc.cli.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunResults;
import org.lcsc.export.Recipe;
import org.lcsc.export.Versions;
import org.lcsc.listener.NoiseVerdict;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.SearchEvaluation;
import org.lcsc.search.SearchLog;

/** A run directory with known numbers: two searches, LCSC 4 and 2, EMA* 8 and 5. */
final class SampleRun {

  static final String CONFIG =
      """
      dataset: { name: digits }
      model: { kind: diffusion, unet: { channels: 8, multipliers: [1], blocks: 1 } }
      training: { iterations: 1000, batchSize: 8, learningRate: 1e-3, seed: 5 }
      sampler: { kind: ddim, steps: 2 }
      lcsc: { window: 300, interval: 10, searchAt: [400, 1000] }
      output: runs/sample
      """;

  private static final int CHECKPOINTS = 30;

  private SampleRun() {}

  /** The finished run. */
  static Path finished(Path root) throws IOException {
    unfinished(root, 1000);
    search(root, 400, 4, 8);
    search(root, 1000, 2, 5);
    try (RunDirectory run = RunDirectory.open(root)) {
      run.writeResults(
          new RunResults(
              1000,
              null,
              false,
              List.of(
                  result(400, null), result(1000, new NoiseVerdict("ema-0.99", -3.25, 0.125, 4))),
              Versions.current()));
    }
    Files.createDirectories(root.resolve("samples"));
    ImageIO.write(
        new BufferedImage(900, 40, BufferedImage.TYPE_INT_RGB),
        "png",
        root.resolve("samples/compare-1000.png").toFile());
    return root;
  }

  private static RunResults.Search result(long iteration, NoiseVerdict verdict) {
    return new RunResults.Search(
        iteration,
        "lcsc",
        "ema-0.99",
        "ema-0.99",
        List.of(),
        verdict,
        10,
        0,
        0,
        CHECKPOINTS,
        2,
        0,
        StageSeconds.ZERO,
        8,
        new Recipe.Score("lcsc", "LCSC", 0, 2, Map.of()),
        List.of());
  }

  /** A run that has come to an iteration, without a search. */
  static Path unfinished(Path root, int iterations) throws IOException {
    Files.createDirectories(root);
    Files.writeString(root.resolve("config.yaml"), CONFIG);
    StringBuilder metrics = new StringBuilder("iteration,loss,learningRate,seconds\n");
    for (int i = 50; i <= iterations; i += 50) {
      double loss = i <= 200 ? Math.exp(-i / 50.0) : Math.exp(-4 - (i - 200) / 2000.0);
      metrics.append(i + "," + loss + ",0.001," + i / 10.0 + "\n");
    }
    Files.writeString(root.resolve("metrics.csv"), metrics);
    return root;
  }

  /** Adds a search. */
  static void search(Path root, int iteration, double lcsc, double star) throws IOException {
    log(root, iteration);
    double[] coefficients = new double[CHECKPOINTS];
    for (int k = 0; k < CHECKPOINTS; k++) {
      coefficients[k] = k % 2 == 0 ? 1.0 : -1.0 + 1 / 15.0;
    }
    List<Recipe.Score> baselines =
        List.of(
            new Recipe.Score("last", "LAST", 0, 10, scores(9.5, 9)),
            new Recipe.Score("ema-0.99", "EMA", 0.99, star, scores(star, star)),
            new Recipe.Score("window-ema-0.9", "WINDOW_EMA", 0.9, star + 1, Map.of()),
            new Recipe.Score("uniform", "UNIFORM", 0, 7, scores(7.5, 7.25)));
    new Recipe(
            "lcsc",
            iteration,
            IntStream.range(0, CHECKPOINTS)
                .mapToLong(k -> iteration - 10L * (CHECKPOINTS - 1 - k))
                .toArray(),
            coefficients,
            List.of(),
            List.of(),
            new Recipe.Search(
                "evolution",
                "fid",
                "fid",
                7,
                10,
                0,
                "EVALUATIONS",
                List.of("evaluation 7: recall 0.834, below the 0.886 of EMA*"),
                lcsc,
                new StageSeconds(0.5, 4, 1, 0.25),
                8.0),
            lcsc,
            scores(lcsc, lcsc + 0.5),
            baselines,
            1234,
            "0".repeat(64),
            new Versions("1", "c0ffee", "2", "17", "Linux <amd64>", "2"),
            Map.of("dataset", "digits", "images", 1501, "shape", "1x8x8", Recipe.SCREENED_OUT, 9))
        .write(root.resolve("lcsc/" + iteration + "/recipe.json"));
  }

  private static Map<String, Double> scores(double first, double second) {
    // In this order, which is that of the feature spaces.
    return new TreeMap<>(Map.of("FID", first, "FID (2nd space)", second));
  }

  /** Adds the log of a search that continues. */
  static void log(Path root, int iteration) throws IOException {
    Path file = root.resolve("lcsc/" + iteration + "/search.csv");
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file);
    try (SearchLog log = SearchLog.open(file, 0)) {
      for (int i = 0; i < 10; i++) {
        double score = 20 - i + (i % 3);
        log.evaluated(
            new SearchEvaluation(
                i,
                0,
                score,
                Math.min(20 - i + 2, 20),
                i + 1,
                0,
                new StageSeconds(0.05, 0.4, 0.1, 0.025),
                i,
                new double[0]));
      }
    }
  }
}
