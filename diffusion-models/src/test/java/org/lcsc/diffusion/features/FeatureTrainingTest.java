package org.lcsc.diffusion.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.assertj.core.data.Offset;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.datasets.DataSets;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.diffusion.features.FeatureNetworkConfig.Architecture;
import org.lcsc.diffusion.training.FirstDigits;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Sha256;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

class FeatureTrainingTest {

  private static ImageDataSet digits(Split split) throws IOException {
    return new DataSets.Digits().load(split);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 4, 10, FINE",
    "1, 8, 10, FINE",
    "1, 28, 3, FINE",
    "3, 9, 2, FINE",
    "3, 32, 10, FINE",
    "1, 4, 10, COARSE",
    "1, 8, 10, COARSE",
    "3, 9, 2, COARSE",
    "3, 32, 10, COARSE"
  })
  void theNetworkTakesAnySideAndGivesProbabilities(
      int channels, int side, int classes, Architecture architecture) {
    ComputationGraphConfiguration configuration =
        FeatureNetwork.configuration(
            new FeatureNetworkConfig(channels, side, classes, architecture), new NoOp(), 1);
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init();
    INDArray output = graph.output(Nd4j.zeros(DataType.FLOAT, 2, channels, side, side))[0];
    assertThat(output.shape()).containsExactly(2, classes);
    for (double sum : output.sum(1).toDoubleVector()) {
      assertThat(sum).isCloseTo(1, within(1e-5));
    }
    assertThat(ComputationGraphConfiguration.fromJson(configuration.toJson()))
        .isEqualTo(configuration);
  }

  @Test
  void trainingIsReproducibleAndLearns() throws IOException {
    ImageDataSet some = FirstDigits.of(640);
    List<Double> losses = new ArrayList<>();
    FeatureTraining training =
        new FeatureTraining(some, new FeatureTrainingConfig(5, 3), Architecture.FINE);
    assertThat(training.iterations()).isEqualTo(50);
    ComputationGraph first = training.run((iteration, loss) -> losses.add(loss));
    assertThat(losses).hasSize(50);
    assertThat(losses.get(49)).isLessThan(0.6 * losses.get(0));
    assertThat(FeatureTraining.accuracy(first, digits(Split.TEST))).isGreaterThan(0.85);

    ComputationGraph again = training.run((iteration, loss) -> {});
    assertThat(Sha256.of(again.params())).isEqualTo(Sha256.of(first.params()));
    ComputationGraph other =
        new FeatureTraining(some, new FeatureTrainingConfig(5, 4), Architecture.FINE)
            .run((iteration, loss) -> {});
    assertThat(Sha256.of(other.params())).isNotEqualTo(Sha256.of(first.params()));
  }

  @Test
  void anExceptionOfTheProgressEndsTheTraining() throws IOException {
    FeatureTraining training =
        new FeatureTraining(
            digits(Split.TRAIN), new FeatureTrainingConfig(5, 3), Architecture.FINE);
    List<Integer> seen = new ArrayList<>();
    assertThatThrownBy(
            () ->
                training.run(
                    (iteration, loss) -> {
                      seen.add(iteration);
                      if (iteration == 3) {
                        throw new CancellationException();
                      }
                    }))
        .isInstanceOf(CancellationException.class);
    assertThat(seen).containsExactly(1, 2, 3);
  }

  @Test
  void batchesShiftImagesByAtMostThePixelsAskedForAndSmoothLabels() {
    // One bright pixel in the middle of 5 x 5.
    byte[] pixels = new byte[25];
    pixels[12] = (byte) 255;
    ImageDataSet images = ImageDataSet.of("dot", new ImageShape(1, 5, 5), pixels, 4, new int[] {2});
    FeatureTrainingConfig config = new FeatureTrainingConfig(1, 500, 1e-3, 0.2, 1, 9);
    ShiftedBatches.Batch batch = new ShiftedBatches(images, config, false).batch(0);
    int[] places = batch.images().reshape(500, 25).argMax(1).toIntVector();
    assertThat(places).containsOnly(6, 7, 8, 11, 12, 13, 16, 17, 18);
    assertThat(batch.images().reshape(500, 25).sum(1).toDoubleVector()).containsOnly(-23);
    assertThat(batch.labels().getRow(0).toFloatVector())
        .containsExactly(new float[] {0.05f, 0.05f, 0.85f, 0.05f}, Offset.offset(1e-6f));
    assertThat(new ShiftedBatches(images, config, false).batch(0).images())
        .isEqualTo(batch.images());
    assertThat(new ShiftedBatches(images, config, false).batch(1).images())
        .isNotEqualTo(batch.images());
  }

  @Test
  void anAutoencoderLearnsWithoutLabelsToFillInWhatIsCovered() throws IOException {
    ImageDataSet some = FirstDigits.of(640);
    FeatureTraining training =
        new FeatureTraining(some, new FeatureTrainingConfig(10, 3), Architecture.MASKED);
    List<Double> losses = new ArrayList<>();
    ComputationGraph graph = training.run((iteration, loss) -> losses.add(loss));
    assertThat(losses.get(99)).isLessThan(0.6 * losses.get(0));
    assertThat(graph.output(some.batch(0, 2))[0].shape()).containsExactly(2, 64);
    double accuracy = LinearProbe.accuracy(graph, some, digits(Split.TEST));
    assertThat(accuracy).isGreaterThan(0.85);
    assertThat(LinearProbe.accuracy(graph, some, unlabelled(digits(Split.TEST)))).isNaN();
  }

  private static ImageDataSet unlabelled(ImageDataSet images) {
    byte[] pixels = new byte[images.size() * images.shape().length()];
    return ImageDataSet.of("unlabelled", images.shape(), pixels, 0, null);
  }

  @Test
  void aboutHalfOfTheSquaresOfAnImageAreCovered() {
    byte[] white = new byte[64];
    Arrays.fill(white, (byte) 255);
    ImageDataSet images = ImageDataSet.of("white", new ImageShape(1, 8, 8), white, 0, null);
    FeatureTrainingConfig config = new FeatureTrainingConfig(1, 500, 1e-3, 0.2, 1, 9);
    ShiftedBatches.Batch batch = new ShiftedBatches(images, config, true).batch(0);
    assertThat(batch.labels().shape()).containsExactly(500, 64);
    assertThat(batch.labels().minNumber().floatValue()).isEqualTo(1);
    assertThat(batch.images().meanNumber().doubleValue()).isCloseTo(0.5, within(0.02));
    // Squares of 2 x 2 are covered as one.
    INDArray pixels = batch.images().reshape(500 * 4, 2, 4, 2);
    assertThat(pixels.max(1, 3)).isEqualTo(pixels.min(1, 3));
  }

  @Test
  void whatCannotBeTrainedOnIsRefused() {
    FeatureTrainingConfig config = new FeatureTrainingConfig(1, 1);
    ImageDataSet unlabelled =
        ImageDataSet.of("plain", new ImageShape(1, 4, 4), new byte[16], 0, null);
    assertThatThrownBy(() -> new FeatureTraining(unlabelled, config, Architecture.FINE))
        .hasMessage(
            "data set plain has no labels, which a classifier needs; allowed: the masked"
                + " architecture");
    ImageDataSet oblong =
        ImageDataSet.of("oblong", new ImageShape(1, 4, 5), new byte[20], 2, new int[] {0});
    assertThatThrownBy(() -> new FeatureTraining(oblong, config, Architecture.FINE))
        .hasMessage("data set oblong: expected square images, got 1x4x5");
    assertThatThrownBy(() -> new FeatureTrainingConfig(0, 1))
        .hasMessage("epochs: expected at least 1, got 0");
    assertThatThrownBy(() -> new FeatureTrainingConfig(1, 64, Double.NaN, 0, 0, 1))
        .hasMessage("learningRate: expected above 0, got NaN");
    assertThatThrownBy(() -> new FeatureTrainingConfig(1, 64, 1e-3, 1, 0, 1))
        .hasMessage("labelSmoothing: expected in [0, 1), got 1.0");
    assertThatThrownBy(() -> new FeatureNetworkConfig(1, 3, 10, Architecture.FINE))
        .hasMessage("side: expected at least 4, got 3");
    assertThatThrownBy(() -> new FeatureNetworkConfig(1, 8, 10, 12, 64, Architecture.FINE))
        .hasMessage("width: expected a multiple of 8, got 12");
  }

  @Test
  void defaultEpochsFollowTheNumberOfImages() {
    assertThat(FeatureTrainingConfig.defaultEpochs(1501)).isEqualTo(30);
    assertThat(FeatureTrainingConfig.defaultEpochs(60_000)).isEqualTo(8);
    assertThat(FeatureTrainingConfig.defaultEpochs(1_281_167)).isEqualTo(5);
  }
}
