package org.lcsc.consistency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.nd4j.linalg.api.buffer.DataType.DOUBLE;

import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lcsc.config.InvalidValueException;
import org.lcsc.consistency.TunedModel.TeacherKind;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.layer.ImageLoss;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.model.DiffusionModel;
import org.lcsc.diffusion.model.EdmModel;
import org.lcsc.diffusion.model.FlowModel;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.FlowBatches.Coupling;
import org.lcsc.diffusion.training.FlowTimes;
import org.lcsc.diffusion.training.RAdam;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.unet.NcsnppConfig;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.image.ImageShape;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.schedule.FixedSchedule;

class TuningBatchesTest {

  private static final TuningSchedule PAPER = new TuningSchedule(2, 8, 1, 8);
  private static final int ITERATIONS = 80;
  private static final int BATCH = 40;

  private static ImageDataSet images() {
    ImageShape shape = new ImageShape(1, 4, 4);
    byte[] pixels = new byte[20 * shape.length()];
    new Random(1).nextBytes(pixels);
    return ImageDataSet.of("random", shape, pixels, 0, null);
  }

  private static TunedModel model(TunedModel.Weight weight) {
    TunedModel.Tuning usual = new TunedModel.Tuning();
    return new TunedModel(
        new UNetConfig(4, List.of(1, 2), 1, List.of()),
        0.5,
        null,
        "teacher.zip",
        null,
        null,
        new TunedModel.Tuning(
            0.01, weight, usual.q(), usual.k(), usual.b(), usual.stages(), -1.1, 2));
  }

  /** With a last convolution that is not zero. */
  private static ComputationGraph network(TunedModel model) {
    ComputationGraph network =
        new ComputationGraph(
            UNet.configuration(
                model.unet(),
                new NetworkBody.Images(1, 4),
                model.preconditioning(images()),
                model.loss(images(), true),
                new RAdam(new FixedSchedule(1e-3)),
                3,
                DataType.FLOAT));
    network.init();
    network.params().addi(0.05);
    return network;
  }

  private static TrainingBatches batches(TunedModel model, ComputationGraph network) {
    BatchSettings settings =
        BatchSettings.of(images()).withBatchSize(BATCH).withIterations(0, ITERATIONS);
    return model.batches(settings, network, null);
  }

  /** Worked out by hand: n is 5 at t = 0, 1 + 8 / (1 + e^2) at t = 2 and 1 far out. */
  @ParameterizedTest
  @CsvSource({
    "1e-9, 0, 0",
    "1e-9, 10, 0",
    "1e-9, 20, 0.375",
    "1e-9, 79, 0.98046875",
    "2, 0, 0.0231883",
    "2, 30, 0.8778985",
    "900, 0, 0.5",
    "900, 9, 0.5",
    "900, 10, 0.75",
    "900, 79, 0.99609375",
    "900, 500, 0.99609375"
  })
  void theSmallerLevelApproachesTheLargerStageByStage(double t, int iteration, double ratio) {
    assertThat(PAPER.smaller(t, iteration, ITERATIONS) / t).isCloseTo(ratio, within(1e-7));
  }

  @ParameterizedTest
  @CsvSource({"INVERSE_GAP, 0", "INVERSE_GAP, 30", "EDM, 79"})
  void labelsAreTheNetworksOwnOutputAtTheSmallerLevelOfTheSameNoise(
      TunedModel.Weight weight, int n) {
    TunedModel model = model(weight);
    ComputationGraph network = network(model);
    TrainingBatches batches = batches(model, network);
    // As an update does: the labels are of the network of that moment.
    network.params().addi(0.05);
    MultiDataSet batch = batches.batch(n);
    // The same images and noise without a network.
    INDArray sigmas = batch.getFeatures(1);
    INDArray images = images().batch(0, 20);
    int clean = 0;
    for (int i = 0; i < BATCH; i++) {
      float t = sigmas.getFloat(i);
      double r = PAPER.smaller(t, n, ITERATIONS);
      INDArray noisy = batch.getFeatures(0).slice(i).reshape(1, 1, 4, 4);
      INDArray label = batch.getLabels(0).slice(i).reshape(1, 1, 4, 4);
      double best = Double.POSITIVE_INFINITY;
      for (int k = 0; k < 20; k++) {
        INDArray image = images.slice(k).reshape(1, 1, 4, 4);
        INDArray lessNoisy = image.add(noisy.sub(image).mul(r / t));
        INDArray expected =
            r > 0
                ? network.outputSingle(lessNoisy, Nd4j.createFromArray((float) r).reshape(1, 1))
                : image;
        best = Math.min(best, expected.distance2(label));
      }
      assertThat(best).as("image %d, t %s, r %s", i, t, r).isLessThan(1e-3 * (1 + t));
      clean += r == 0 ? 1 : 0;
      double expected = weight == TunedModel.Weight.EDM ? 1 / (t * t) + 1 / 0.25 : 1 / (t - r);
      assertThat(batch.getLabelsMaskArray(0).getDouble(i) / expected).isCloseTo(1, within(1e-3));
    }
    assertThat(clean).isBetween(n == 0 ? 1 : 0, n == 0 ? BATCH - 1 : 0);
  }

  @Test
  void levelsAreLogNormalAndABatchIsAFunctionOfIterationAndParameters() {
    TunedModel model = model(TunedModel.Weight.INVERSE_GAP);
    ComputationGraph network = network(model);
    double mean = 0;
    for (int n = 0; n < 50; n++) {
      INDArray sigmas = batches(model, network).batch(n).getFeatures(1);
      for (int i = 0; i < BATCH; i++) {
        mean += Math.log(sigmas.getDouble(i)) / (50 * BATCH);
      }
    }
    assertThat(mean).isCloseTo(-1.1, within(0.15));
    MultiDataSet before = batches(model, network).batch(70);
    assertThat(batches(model, network).batch(70)).isEqualTo(before);
    network.params().muli(1.1);
    MultiDataSet after = batches(model, network).batch(70);
    assertThat(after.getFeatures(0)).isEqualTo(before.getFeatures(0));
    assertThat(after.getLabels(0)).isNotEqualTo(before.getLabels(0));
  }

  /** The teacher's parameterisation: at its weights the tuned model is the teacher. */
  @Test
  void keepsTheParameterisationOfTheTeacher() {
    TunedModel model = model(TunedModel.Weight.EDM);
    assertThat(model.preconditioning(images())).isEqualTo(model.teacherPreconditioning(images()));
    assertThat(model.preconditioning(images()))
        .isEqualTo(Preconditioning.edm(0.5, Preconditioning.NetworkTime.THOUSANDFOLD));
  }

  private static TunedModel ofFlow(NetworkBody body) {
    TunedModel.Tuning usual = new TunedModel.Tuning();
    return new TunedModel(body, null, null, "teacher.zip", null, TeacherKind.FLOW, usual);
  }

  private static ComputationGraph network(
      NetworkBody body, Preconditioning preconditioning, ImageLoss loss) {
    ComputationGraph network =
        new ComputationGraph(
            UNet.configuration(
                body, new NetworkBody.Images(1, 4), preconditioning, loss, new NoOp(), 3, DOUBLE));
    network.init();
    network.setParams(Nd4j.randn(DOUBLE, network.numParams(), 1).muli(0.3));
    return network;
  }

  static List<NetworkBody> bodies() {
    return List.of(
        new UNetConfig(4, List.of(1, 2), 1, List.of()),
        new NcsnppConfig(8, List.of(1), 1, List.of(), 1, 0, false, null));
  }

  /** {@code D = x_t - t v(x_t, t)} with sigma = t / (1 - t), and the image itself without noise. */
  @ParameterizedTest
  @MethodSource("bodies")
  void startsAsTheDenoiserOfAFlow(NetworkBody body) {
    TunedModel model = ofFlow(body);
    Nd4j.getRandom().setSeed(5);
    ComputationGraph tuned =
        network(body, model.preconditioning(images()), model.loss(images(), true));
    ComputationGraph flow =
        network(body, model.teacherPreconditioning(images()), new SquaredError());
    tuned.paramTable().forEach(flow::setParam);
    double scale =
        ((SampledModel.Flow)
                new FlowModel(body, new FlowTimes.Uniform(), Coupling.INDEPENDENT, null, null, null)
                    .sampled())
            .timeScale();
    INDArray noisy = Nd4j.randn(DOUBLE, 3, 1, 4, 4).muli(2);
    INDArray times = Nd4j.createFromArray(0.001, 0.4, 80 / 81.0).reshape(3, 1);
    INDArray keep = times.rsub(1);
    INDArray seen = noisy.mul(keep.reshape(3, 1, 1, 1));
    INDArray velocity = flow.outputSingle(seen, times.mul(scale));
    INDArray expected = seen.sub(velocity.mul(times.reshape(3, 1, 1, 1)));
    INDArray actual = tuned.outputSingle(noisy, times.div(keep));
    assertThat(actual.sub(expected).amaxNumber().doubleValue()).isLessThan(1e-12);
    assertThat(velocity.amaxNumber().doubleValue()).isGreaterThan(0.1);
    INDArray still = tuned.outputSingle(noisy, Nd4j.zeros(DOUBLE, 3, 1));
    assertThat(still).isEqualTo(noisy);
  }

  /** The loss of pairs, weights and all, in random directions. */
  @ParameterizedTest
  @MethodSource("bodies")
  void theGradientOfAFlowsPairsIsThatOfDifferences(NetworkBody body) {
    TunedModel model = ofFlow(body);
    Nd4j.getRandom().setSeed(6);
    ComputationGraph tuned =
        network(body, model.preconditioning(images()), model.loss(images(), true));
    MultiDataSet batch = batches(model, network(model)).batch(30);
    tuned.setInputs(batch.getFeatures(0).castTo(DOUBLE), batch.getFeatures(1).castTo(DOUBLE));
    tuned.setLabels(batch.getLabels(0).castTo(DOUBLE));
    tuned.setLayerMaskArrays(null, new INDArray[] {batch.getLabelsMaskArray(0).castTo(DOUBLE)});
    tuned.computeGradientAndScore();
    // Deeplearning4j's gradient is the sum over the batch, its score the mean.
    INDArray gradient = tuned.gradient().gradient().reshape(tuned.numParams()).div(BATCH);
    INDArray start = tuned.params().reshape(tuned.numParams()).dup();
    for (int i = 0; i < 10; i++) {
      INDArray direction = Nd4j.randn(DOUBLE, tuned.numParams());
      double slope = (score(tuned, start, 1e-6, direction) - score(tuned, start, -1e-6, direction));
      assertThat(slope / 2e-6)
          .as("direction %d", i)
          .isCloseTo(Nd4j.getBlasWrapper().dot(gradient, direction), withinPercentage(1e-3));
    }
  }

  private static double score(
      ComputationGraph network, INDArray start, double step, INDArray direction) {
    network.setParams(start.add(direction.mul(step)));
    network.computeGradientAndScore();
    return network.score();
  }

  @Test
  void takesTheTeachersKindFromItsConfiguration() {
    NetworkBody body = bodies().get(0);
    TunedModel open =
        new TunedModel(
            body, null, null, "teacher.zip", "teacher.yaml", null, new TunedModel.Tuning());
    assertThat(open.teacherKinds()).containsExactly("edm", "flow");
    TunedModel flow = open.taughtBy(new FlowModel());
    assertThat(flow.teacherKind()).isEqualTo(TeacherKind.FLOW);
    assertThat(flow.teacherKinds()).containsExactly("flow");
    assertThat(flow.networkTime()).isNull();
    assertThat(flow.taughtBy(new EdmModel())).isSameAs(flow);
    assertThat(open.taughtBy(new EdmModel()).networkTime())
        .isEqualTo(Preconditioning.NetworkTime.THOUSANDFOLD);
    assertThat(open.taughtBy(new DiffusionModel())).isSameAs(open);
    TunedModel own =
        new TunedModel(body, 0.5, null, "teacher.zip", "t.yaml", null, new TunedModel.Tuning());
    assertThatThrownBy(() -> own.taughtBy(new FlowModel()))
        .isInstanceOf(InvalidValueException.class)
        .hasMessage(
            "sigmaData: has no effect with teacherKind: flow, allowed: only with teacherKind: edm");
  }

  @Test
  void refusesSchedulesThatCloseTheGap() {
    assertThatThrownBy(() -> new TuningSchedule(256, 8, 1, 8))
        .isInstanceOf(InvalidValueException.class)
        .hasMessage(
            "stages: too many for q (8, q 256.0), allowed: q to the power of stages up to 2^20");
    assertThatThrownBy(() -> new TuningSchedule(1, 8, 1, 8))
        .isInstanceOf(InvalidValueException.class)
        .hasMessage("q: too small (1.0), allowed: more than 1");
  }
}
