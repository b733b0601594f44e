package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

class RefineCommandTest extends CommandLineTest {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model:
        kind: diffusion
        unet: { channels: 4, multipliers: [1, 2], blocks: 1 }
      training: { iterations: 30, batchSize: 16, learningRate: 2.0e-3, seed: 3 }
      sampler: { kind: ddim, steps: 4, batchSize: 40 }
      ema: { rates: [0.9] }
      lcsc:
        window: 20
        interval: 5
        searchAt: [30]
        search: { strategy: gradient, evaluations: 8, samples: 300, seed: 7 }
        validation: { samples: 300, seed: 8 }
        report: { samples: 100, seed: 9 }
      output: %s
      """;

  @TempDir static Path trained;
  private static Path model;

  @BeforeEach
  void trainOnce() throws IOException {
    if (model == null) {
      Path config = trained.resolve("config.yaml");
      Files.writeString(config, CONFIG.formatted(trained.resolve("run")));
      succeeds("train", config);
      model = trained.resolve("run/ema/0.9.zip");
    }
  }

  private Object[] refine(String name, Object... more) {
    return Stream.concat(
            Stream.of("refine", model, "--out", directory.resolve(name)), Stream.of(more))
        .toArray();
  }

  private INDArray parameters(String name) throws IOException {
    return ComputationGraph.load(directory.resolve(name).toFile(), false).params();
  }

  @Test
  void lowersTheValidationScoreByMovingAllWeightsAndRepeatsToTheBit() throws Exception {
    Object[] options = {"--evaluations", "12", "--learning-rate", "5e-3"};
    succeeds(refine("a.zip", options));
    double[] scores =
        err.toString()
            .lines()
            .filter(line -> line.startsWith("step "))
            .map(line -> line.replaceFirst(",.*", ""))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
            .toArray();
    double least = Arrays.stream(scores).min().orElseThrow();
    assertThat(least).isLessThan(0.98 * scores[0]);
    assertThat(out.toString()).contains("0.9.zip", "refined", "(fresh)", "written: ");

    INDArray moved = parameters("a.zip").sub(ComputationGraph.load(model.toFile(), false).params());
    assertThat(moved.eq(0).castTo(moved.dataType()).meanNumber().doubleValue()).isLessThan(0.2);

    succeeds(refine("b.zip", options));
    assertThat(parameters("b.zip")).isEqualTo(parameters("a.zip"));
  }

  /** A learning rate that ruins the model leaves it as it was. */
  @Test
  void isNeverWorseThanTheStart() throws Exception {
    succeeds(refine("a.zip", "--evaluations", "4", "--learning-rate", "0.9"));
    assertThat(err.toString()).contains("warning: nothing on the path was better");
    assertThat(parameters("a.zip"))
        .isEqualTo(ComputationGraph.load(model.toFile(), false).params());
  }

  /** Four steps of DDIM. */
  @Test
  void movesTheWeightsLessWhereAnImageTakesMoreNetworkEvaluations() {
    succeeds(refine("a.zip", "--evaluations", "4"));
    assertThat(err.toString().lines()).contains("learning rate 2.50e-05");
  }

  @Test
  void refusesInOneLineAndWritesNothing() throws Exception {
    refuses(
        "--learning-rate: must be above 0 and below 1 (0.0)",
        refine("a.zip", "--learning-rate", "0"));
    refuses("--evaluations: must be at least 1 (0)", refine("a.zip", "--evaluations", "0"));
    refuses("--evaluations: must be at least ", refine("a.zip", "--evaluations", "1"));
    refuses("--out: expected a name that ends in .zip", refine("a.onnx"));
    refuses("got 2 models, allowed: one", refine("a.zip", model));
    assertThat(directory.resolve("a.zip")).doesNotExist();

    Path taken = Files.writeString(directory.resolve("taken.zip"), "mine");
    refuses("exists already, allowed: --force", refine("taken.zip"));
    assertThat(taken).hasContent("mine");
    Files.writeString(directory.resolve("b.json"), "{}");
    refuses("b.json: is of another model", refine("b.zip"));

    Path config = trained.resolve("run/config.yaml");
    String evolution =
        Files.readString(config)
            .replaceFirst(
                "(?s)    strategy:\n.*?    finalists", "    strategy: evolution\n    finalists");
    Path other = Files.writeString(directory.resolve("evolution.yaml"), evolution);
    refuses(
        "lcsc.search.strategy: has no gradients (evolution), allowed here: gradient",
        refine("a.zip", "--config", other));
  }
}
