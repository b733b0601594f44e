package org.lcsc.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.model.DiffusionModel;
import org.lcsc.diffusion.model.EdmModel;
import org.lcsc.diffusion.model.FlowModel;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.schedule.BetaSchedules;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.lcsc.diffusion.unet.UNets;
import org.lcsc.image.ImageShape;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class TrainingLossTest {

  private static final int BATCH = 6;

  /** Whole batches: the last one is cut otherwise. */
  private static final int SAMPLES = 18;

  private static ImageDataSet images() {
    byte[] pixels = new byte[20 * 16];
    new Random(3).nextBytes(pixels);
    int[] labels = new int[20];
    Arrays.setAll(labels, i -> i % 3);
    return ImageDataSet.of("random", new ImageShape(1, 4, 4), pixels, 3, labels);
  }

  private static GenerativeModel model(String kind) {
    UNetConfig unet =
        UNets.ddpm(8, List.of(1, 2), List.of(2), 0.3, TimeConditioning.SCALE_SHIFT, true);
    return switch (kind) {
      case "epsilon" -> diffusion(unet, Prediction.EPSILON);
      case "v" -> diffusion(unet, Prediction.V);
      case "edm" -> new EdmModel(unet, null, null);
      default ->
          new FlowModel(
              unet,
              new FlowTimes.LogitNormal(),
              FlowBatches.Coupling.OPTIMAL_TRANSPORT,
              null,
              null,
              null);
    };
  }

  private static DiffusionModel diffusion(UNetConfig unet, Prediction prediction) {
    return new DiffusionModel(unet, new BetaSchedules.Cosine(), 250, prediction);
  }

  private static ComputationGraph network(GenerativeModel model, DataType type, long seed) {
    ComputationGraph network =
        new ComputationGraph(
            UNet.configuration(
                model.unet(),
                new NetworkBody.Images(1, 4, 3),
                model.preconditioning(images()),
                model.loss(images(), false),
                new Adam(1e-3),
                seed,
                type));
    network.init();
    return network;
  }

  private static TrainingBatches batches(GenerativeModel model, int size, boolean spread) {
    return model.batches(
        BatchSettings.of(images())
            .withBatchSize(size)
            .withFlip(true)
            .withLabels(true)
            .withLabelDropout(0.2)
            .withSeed(11)
            .withSpreadLevels(spread),
        null,
        null);
  }

  private static TrainingLoss loss(
      GenerativeModel model, DataType type, int samples, int gradientSamples) {
    return new TrainingLoss(
        "training-loss",
        network(model, type, 1),
        batches(model, BATCH, true),
        samples,
        gradientSamples,
        () -> {});
  }

  /** Deeplearning4j's own score of the batches, with a network that drops nothing in inference. */
  @ParameterizedTest
  @ValueSource(strings = {"epsilon", "v", "edm", "flow"})
  void isTheMeanLossOfTheTrainingsBatches(String kind) {
    GenerativeModel model = model(kind);
    ComputationGraph network = network(model, DataType.FLOAT, 2);
    TrainingBatches batches = batches(model, BATCH, true);
    double expected = 0;
    for (int n = 0; n < SAMPLES / BATCH; n++) {
      expected += network.score(batches.batch(n), false) * BATCH / SAMPLES;
    }
    double score = loss(model, DataType.FLOAT, SAMPLES, SAMPLES).evaluate(network.params()).score();
    assertThat(score).isCloseTo(expected, within(1e-5 * expected)).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"epsilon", "v", "edm", "flow"})
  void gradientMatchesCentralDifferencesInDouble(String kind) {
    TrainingLoss loss = loss(model(kind), DataType.DOUBLE, SAMPLES - 2, SAMPLES - 2);
    INDArray flat = network(model(kind), DataType.DOUBLE, 2).params().dup();
    INDArray parameters = flat.reshape(flat.length());
    INDArray gradient = Nd4j.valueArrayOf(new long[] {parameters.length()}, 7, DataType.DOUBLE);
    Evaluation evaluation = loss.gradient(parameters, 0, gradient);
    assertThat(evaluation.score()).isEqualTo(loss.evaluate(parameters).score());
    double step = 1e-5;
    for (int direction = 0; direction < 3; direction++) {
      INDArray v =
          new SeededNoise(8)
              .gaussian(direction, 0, 1, parameters.length())
              .castTo(DataType.DOUBLE)
              .reshape(parameters.length());
      double above = loss.evaluate(parameters.add(v.mul(step))).score();
      double below = loss.evaluate(parameters.sub(v.mul(step))).score();
      double expected = (above - below) / (2 * step);
      assertThat(Nd4j.getBlasWrapper().dot(gradient, v))
          .as("direction %d", direction)
          .isCloseTo(expected, within(1e-6 * Math.abs(expected)));
    }
  }

  @Test
  void aDrawIsNoiseOfItsOwnAndTheFirstThatOfTheScore() {
    GenerativeModel model = model("edm");
    TrainingLoss loss = loss(model, DataType.FLOAT, 16, 16);
    INDArray parameters = network(model, DataType.FLOAT, 2).params().dup();
    INDArray first = Nd4j.create(DataType.FLOAT, parameters.length());
    double score = loss.gradient(parameters, 0, first).score();
    assertThat(score).isEqualTo(loss.evaluate(parameters).score());
    INDArray other = Nd4j.create(DataType.FLOAT, parameters.length());
    double redrawn = loss.gradient(parameters, 5, other).score();
    assertThat(redrawn).isNotEqualTo(score);
    assertThat(other).isNotEqualTo(first);
    assertThat(loss.gradient(parameters, 0, other).score()).isEqualTo(score);
    assertThat(other).as("bit for bit").isEqualTo(first);
    assertThat(loss(model, DataType.FLOAT, 16, 16).evaluate(parameters).score()).isEqualTo(score);
  }

  /** Of all kinds but those that pair noise within a batch. */
  @ParameterizedTest
  @ValueSource(strings = {"epsilon", "v", "edm"})
  void examplesDoNotDependOnTheBatchSize(String kind) {
    GenerativeModel model = model(kind);
    ComputationGraph network = network(model, DataType.FLOAT, 2);
    double[] scores = new double[2];
    for (int i = 0; i < 2; i++) {
      scores[i] =
          new TrainingLoss("loss", network, batches(model, 4 + 7 * i, true), 16, 16, () -> {})
              .evaluate(network.params())
              .score();
    }
    assertThat(scores[1]).isCloseTo(scores[0], within(1e-5 * scores[0]));
  }

  @Test
  void aShareIsOfTheFirstExamples() {
    GenerativeModel model = model("v");
    INDArray parameters = network(model, DataType.FLOAT, 2).params().dup();
    TrainingLoss loss = loss(model, DataType.FLOAT, 20, 20);
    assertThat(loss.evaluate(parameters, 1).score()).isEqualTo(loss.evaluate(parameters).score());
    assertThat(loss.evaluate(parameters, 0.45).score())
        .isEqualTo(loss(model, DataType.FLOAT, 9, 9).evaluate(parameters).score())
        .isNotEqualTo(loss.evaluate(parameters).score());
    assertThat(loss.samples()).isEqualTo(20);
    INDArray gradient = Nd4j.create(DataType.FLOAT, parameters.length());
    INDArray expected = gradient.dup();
    assertThat(loss.onShare(0.45).gradient(parameters, 0, gradient).score())
        .isEqualTo(loss(model, DataType.FLOAT, 9, 9).gradient(parameters, 0, expected).score());
    assertThat(gradient).isEqualTo(expected);
  }

  @Test
  void aGradientMayBeOfTheFirstWholeBatches() {
    GenerativeModel model = model("epsilon");
    INDArray parameters = network(model, DataType.FLOAT, 2).params().dup();
    INDArray part = Nd4j.create(DataType.FLOAT, parameters.length());
    TrainingLoss loss = loss(model, DataType.FLOAT, SAMPLES, 7);
    double score = loss.gradient(parameters, 0, part).score();
    assertThat(score).isEqualTo(loss.evaluate(parameters).score());
    INDArray expected = Nd4j.create(DataType.FLOAT, parameters.length());
    loss(model, DataType.FLOAT, 12, 12).gradient(parameters, 0, expected);
    assertThat(part).isEqualTo(expected);
    assertThat(loss.gradientCost()).isEqualTo(1 + 2 * 12 / 18.0);
    assertThat(loss(model, DataType.FLOAT, SAMPLES, SAMPLES).gradientCost()).isEqualTo(3);
  }

  /** Of independent times the means of batches would deviate by 36. */
  @Test
  void noiseLevelsOfABatchAreSpread() {
    TrainingBatches batches = batches(model("epsilon"), 64, true);
    for (int n = 0; n < 10; n++) {
      double mean = batches.batch(n).getFeatures(1).meanNumber().doubleValue();
      assertThat(mean).as("batch %d", n).isCloseTo(498, within(20.0));
    }
  }

  @Test
  void aModelThatIsNotFiniteScoresNaN() {
    GenerativeModel model = model("edm");
    INDArray parameters = network(model, DataType.FLOAT, 2).params().dup();
    parameters.putScalar(0, Float.NaN);
    assertThat(loss(model, DataType.FLOAT, 12, 12).evaluate(parameters).score()).isNaN();
  }

  @Test
  void leavesTheGivenNetworkAloneAndEndsBetweenBatches() {
    GenerativeModel model = model("edm");
    ComputationGraph network = network(model, DataType.FLOAT, 2);
    INDArray before = network.params().dup();
    int[] asked = {0};
    TrainingLoss loss =
        new TrainingLoss(
            "loss",
            network,
            batches(model, BATCH, true),
            SAMPLES,
            SAMPLES,
            () -> {
              if (++asked[0] > 1) {
                throw new CancellationException("asked");
              }
            });
    assertThatThrownBy(() -> loss.evaluate(before.add(1)))
        .isInstanceOf(CancellationException.class);
    assertThat(network.params()).isEqualTo(before);
    assertThat(asked[0]).isEqualTo(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loss(model, DataType.FLOAT, 4, 5))
        .withMessage("gradientSamples must be from 1 to the 4 samples, got 5");
  }

  /** Held-out images have another deviation, by which they must not be weighted. */
  @Test
  void aModelMeasuredOnItsTrainingImagesWeightsOthersAlike() {
    MultiDataSet own = batches(model("edm"), BATCH, true).batch(0);
    ImageDataSet grey =
        ImageDataSet.of("grey", new ImageShape(1, 4, 4), new byte[320], 3, new int[20]);
    BatchSettings settings = batches(model("edm"), BATCH, true).settings().withImages(grey);
    MultiDataSet others = model("edm").measuredOn(images()).batches(settings, null, null).batch(0);
    assertThat(others.getLabelsMaskArray(0)).isEqualTo(own.getLabelsMaskArray(0));
    assertThat(others.getLabels(0)).isNotEqualTo(own.getLabels(0));
  }
}
