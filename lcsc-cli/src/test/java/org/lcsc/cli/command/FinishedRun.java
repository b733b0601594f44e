package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.export.ModelExporter;
import org.lcsc.export.Recipe;
import org.lcsc.export.Versions;
import org.lcsc.io.Sha256;
import org.lcsc.objective.StageSeconds;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A run directory as a training writes it, and the command line to work on it. */
abstract class FinishedRun extends CommandLineTest {

  static final String CONFIG =
      """
      dataset: { name: digits }
      model: { kind: diffusion, unet: { channels: 8, multipliers: [1], blocks: 1, zeroInit: false } }
      training: { iterations: 100, batchSize: 8, learningRate: 1e-3 }
      sampler: { kind: ddim, steps: 2, batchSize: 3 }
      output: runs/x
      """;

  static Experiment experiment;
  static ComputationGraph network;

  Path run;
  Path best;
  Path average;

  @BeforeAll
  static void buildNetwork() throws IOException {
    experiment = Experiment.load(YamlConfig.parse("test", CONFIG, RunConfig.class));
    network = experiment.newNetwork();
  }

  @BeforeEach
  void writeRun() throws IOException {
    run = directory.resolve("run");
    Files.createDirectories(run);
    Files.writeString(run.resolve("config.yaml"), CONFIG);
    best = run.resolve("lcsc/best.zip");
    average = run.resolve("ema/0.99.zip");
    INDArray half = network.params().mul(0.5);
    ModelExporter.write(best, network, network.params(), 80);
    recipe("ema-0.99", 80, network.params()).write(run.resolve("lcsc/best.json"));
    ModelExporter.write(run.resolve("lcsc/80/model.zip"), network, half, 80);
    recipe("lcsc", 80, half).write(run.resolve("lcsc/80/recipe.json"));
    ModelExporter.write(average, network, half, 100);
  }

  static Recipe recipe(String label, long iteration, INDArray parameters) {
    return new Recipe(
        label,
        iteration,
        new long[] {40, 80},
        new double[] {-0.5, 1.5},
        List.of(),
        List.of(),
        new Recipe.Search(
            "evolutionary",
            "fid",
            "fid",
            7,
            10,
            0,
            "BUDGET",
            List.of(),
            5.5,
            new StageSeconds(0, 1, 0, 0),
            2.0),
        4.25,
        Map.of("FID", 4.5),
        List.of(),
        parameters.length(),
        Sha256.of(parameters),
        Versions.current(),
        Map.of());
  }

  /** Not by mul(NaN), which Deeplearning4j takes for a tiny factor. */
  static INDArray notFinite() {
    return Nd4j.valueArrayOf(new long[] {network.numParams()}, Float.NaN, DataType.FLOAT);
  }
}
