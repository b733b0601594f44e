package org.lcsc.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.checkpoint.CheckpointDataType;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.checkpoint.ParameterStream;
import org.lcsc.cli.Main;
import org.lcsc.export.ModelExporter;
import org.lcsc.export.Recipe;
import org.lcsc.metrics.FeatureStatistics;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.metrics.KernelDistance;
import org.lcsc.model.ModelFile;
import org.lcsc.network.FlatUpdater;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;

/** Everything that touches arrays' memory, on a backend whose arrays lie on a device. */
class HostMemoryTest {

  private static final SeededNoise NOISE = new SeededNoise(5);

  @TempDir Path directory;

  /**
   * Work gives the host's result on a device too, and another one or none where any single copy is
   * left out: so every copy that is there is needed, and one that were missing would be seen.
   *
   * @return copies made: downloads, uploads
   */
  private static int[] sameOnADevice(double tolerance, Supplier<double[]> work) {
    double[] expected = work.get();
    assertThat(Arrays.stream(expected).sum()).isFinite();
    double[] result;
    int[] copies;
    try (DeviceMemory device = DeviceMemory.install()) {
      result = work.get();
      copies = new int[] {device.downloads(), device.uploads()};
    }
    // One by one: whole arrays of this size take AssertJ seconds.
    assertThat(result).hasSameSizeAs(expected);
    for (int i = 0; i < result.length; i++) {
      if (!(Math.abs(result[i] - expected[i]) <= tolerance)) {
        assertThat(result[i]).as("value %d", i).isCloseTo(expected[i], within(tolerance));
      }
    }
    for (int copy = 1; copy <= copies[0] + copies[1]; copy++) {
      double[] spoilt;
      try (DeviceMemory device = DeviceMemory.losing(copy)) {
        spoilt = work.get();
      } catch (RuntimeException | AssertionError e) {
        continue;
      }
      assertThat(Arrays.equals(spoilt, result))
          .as("the same without copy %d of %d", copy, copies[0] + copies[1])
          .isFalse();
    }
    return copies;
  }

  private static double[] doubles(INDArray array) {
    return array.castTo(DataType.DOUBLE).reshape(array.length()).toDoubleVector();
  }

  private static double[] concat(double[]... parts) {
    return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  /** Two tiles, so that no panel holds by chance what the next one needs. */
  @ParameterizedTest
  @CsvSource({"FLOAT32, 3", "FLOAT32, 1", "BFLOAT16, 5", "BFLOAT16, 1", "FLOAT16, 2"})
  void windowsRecordMergeAndMultiply(CheckpointDataType type, int candidates) {
    int parameters = 20_001;
    int checkpoints = 6;
    double[][] rows = new double[candidates][];
    Arrays.setAll(rows, b -> doubles(NOISE.gaussian(2, b, 1, checkpoints)));
    int[] copies =
        sameOnADevice(
            1e-4,
            () -> {
              try (CheckpointWindow window =
                  CheckpointWindow.builder(parameters)
                      .capacity(checkpoints)
                      .dataType(type)
                      .build()) {
                for (int k = 0; k <= checkpoints; k++) {
                  assertThat(window.record(k + 1, NOISE.gaussian(1, k, 1, parameters))).isTrue();
                }
                INDArray out = Nd4j.create(DataType.FLOAT, candidates, parameters);
                window.merge(rows, out);
                double[] gram =
                    Arrays.stream(
                            window.centredGrams(ParameterGroups.whole(window.parameters()))[0])
                        .flatMapToDouble(Arrays::stream)
                        .toArray();
                return concat(
                    doubles(out),
                    doubles(window.checkpoint(1)),
                    window.dot(NOISE.gaussian(3, 0, 1, parameters)),
                    // Of the size of the parameters' number.
                    Arrays.stream(gram).map(x -> x / parameters).toArray());
              }
            });
    int panels = 2;
    // A checkpoint, a panel and a merged generation go at once.
    assertThat(copies[1]).as("uploads").isLessThanOrEqualTo(1 + 4 * panels + 1);
    assertThat(copies[0]).as("downloads").isLessThanOrEqualTo(checkpoints + 1 + 3 * panels + 1);
  }

  /** Large enough for blocks of columns, rows for two folds and a rest. */
  @Test
  void covariances() {
    float[] features = HostArrays.floats(NOISE.gaussian(1, 0, 1100, 520));
    int[] copies =
        sameOnADevice(
            0,
            () -> {
              FeatureStatistics statistics = new FeatureStatistics(520);
              statistics.add(features);
              return statistics.moments().covariance();
            });
    assertThat(copies[1]).as("uploads").isEqualTo(3);
  }

  @Test
  void distances() {
    sameOnADevice(
        0,
        () -> {
          INDArray real = NOISE.gaussian(1, 0, 90, 12);
          INDArray generated = NOISE.gaussian(2, 0, 80, 12).castTo(DataType.DOUBLE);
          FeatureStatistics first = new FeatureStatistics(12);
          first.add(real);
          FeatureStatistics second = new FeatureStatistics(12);
          second.add(generated);
          return new double[] {
            FrechetDistance.against(first.moments()).distance(second.moments()),
            KernelDistance.between(real, generated)
          };
        });
  }

  @Test
  void streamsOfParametersAndModelFiles() throws IOException {
    ComputationGraph graph = graph();
    Path file = directory.resolve("model.zip");
    ModelExporter.write(file, graph, graph.params(), 1);
    sameOnADevice(
        0,
        () -> {
          try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ParameterStream.write(new DataOutputStream(bytes), NOISE.gaussian(1, 0, 40_001));
            return concat(
                doubles(
                    ParameterStream.read(
                        new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())),
                        40_001)),
                doubles(ModelFile.parameters(file)),
                doubles(ModelFile.graph(file).params()));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static ComputationGraph graph() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.01))
                .graphBuilder()
                .addInputs("x")
                .addLayer("a", new DenseLayer.Builder().nIn(5).nOut(7).build(), "x")
                .addLayer(
                    "b", new OutputLayer.Builder(LossFunction.MSE).nIn(7).nOut(2).build(), "a")
                .setOutputs("b")
                .build());
    graph.init();
    return graph;
  }

  @Test
  void theUpdaterKnowsItsGradient() {
    int[] copies =
        sameOnADevice(
            0,
            () -> {
              ComputationGraph graph = graph();
              FlatUpdater.attachTo(graph);
              graph.fit(
                  new MultiDataSet(
                      new INDArray[] {NOISE.gaussian(1, 0, 6, 5)},
                      new INDArray[] {NOISE.gaussian(2, 0, 6, 2)}));
              return doubles(graph.params());
            });
    assertThat(copies).containsExactly(0, 0);
  }

  @Test
  void nativeCodeIsNotGivenMemoryOfADevice() {
    INDArray array = Nd4j.zeros(3);
    try (DeviceMemory device = DeviceMemory.install()) {
      assertThatIllegalStateException().isThrownBy(() -> HostMemory.address(array));
    }
    assertThat(HostMemory.address(array)).isNotZero();
  }

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model:
        kind: diffusion
        unet: { channels: 4, multipliers: [1], blocks: 1 }
      training: { iterations: 16, batchSize: 16, learningRate: 2.0e-3, gradientClip: 1.0, seed: 3 }
      sampler: { kind: ddim, steps: 2, batchSize: 40 }
      ema: { rates: [0.8] }
      lcsc:
        window: 12
        interval: 2
        searchAt: [16]
        search: { strategy: gradient, evaluations: 6, samples: 80, seed: 7 }
        validation: { samples: 80, seed: 8 }
        report: { samples: 80, seed: 9 }
      output: %s
      """;

  /** Scores of all models that a run has compared. */
  private double[] train(String name) throws IOException {
    Path run = directory.resolve(name);
    Path config = directory.resolve(name + ".yaml");
    Files.writeString(config, CONFIG.formatted(run));
    StringWriter err = new StringWriter();
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(new StringWriter())).setErr(new PrintWriter(err));
    assertThat(command.execute("train", config.toString())).as(err.toString()).isZero();
    Recipe recipe = Recipe.read(run.resolve("lcsc/16/recipe.json"));
    INDArray merged = ModelFile.parameters(run.resolve("lcsc/16/model.zip"));
    assertThat(Sha256.of(merged)).isEqualTo(recipe.sha256());
    double[] scores = recipe.baselines().stream().mapToDouble(b -> b.validationScore()).toArray();
    return concat(scores, new double[] {recipe.validationScore(), recipe.search().score()});
  }

  /** The layers take ND4J's operations on a device: not the same bits. */
  @Test
  void trainsAndSearches() throws IOException {
    double[] expected = train("host");
    try (DeviceMemory device = DeviceMemory.install()) {
      double[] scores = train("device");
      assertThat(scores).hasSameSizeAs(expected);
      for (int i = 0; i < scores.length; i++) {
        assertThat(scores[i]).isCloseTo(expected[i], withinPercentage(0.5));
      }
      assertThat(device.uploads()).isPositive();
    }
  }
}
