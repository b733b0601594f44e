package org.lcsc.consistency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lcsc.config.Parts;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.PseudoHuber;
import org.lcsc.diffusion.schedule.KarrasSigmas;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.RAdam;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.image.ImageShape;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.schedule.FixedSchedule;

class ConsistencyBatchesTest {

  private static final int BATCH = 6;
  private static final double[] SIGMAS = KarrasSigmas.edm(18);
  private static final ConsistencyDistillation ITSELF = new ConsistencyDistillation(18, 0, 100);

  private static ImageDataSet images() {
    ImageShape shape = new ImageShape(1, 4, 4);
    byte[] pixels = new byte[20 * shape.length()];
    new Random(1).nextBytes(pixels);
    int[] labels = new int[20];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 3;
    }
    return ImageDataSet.of("random", shape, pixels, 3, labels);
  }

  private static BatchSettings settings(int last) {
    return BatchSettings.of(images()).withBatchSize(BATCH).withIterations(0, last).withSeed(5);
  }

  private static ComputationGraph network(
      Preconditioning preconditioning, double dropout, int classes) {
    UNetConfig config =
        Parts.with(
            new UNetConfig(4, List.of(1, 2), 1, List.of()),
            Map.of("dropout", dropout, "classConditional", classes > 0, "zeroInit", false));
    ComputationGraph network =
        new ComputationGraph(
            UNet.configuration(
                config,
                new NetworkBody.Images(1, 4, classes),
                preconditioning,
                new PseudoHuber(0.01),
                new RAdam(new FixedSchedule(1e-3)),
                3,
                DataType.FLOAT));
    network.init();
    return network;
  }

  private static ComputationGraph student(double dropout) {
    return network(
        Preconditioning.consistency(0.5, Preconditioning.NetworkTime.THOUSANDFOLD), dropout, 0);
  }

  private static ComputationGraph teacher() {
    return network(Preconditioning.edm(0.5, Preconditioning.NetworkTime.THOUSANDFOLD), 0, 0);
  }

  private static void assertClose(INDArray actual, INDArray expected, double tolerance) {
    assertThat(actual.sub(expected).amaxNumber().doubleValue()).isLessThan(tolerance);
  }

  /** The lower level of each pair. */
  private static double next(double sigma) {
    for (int i = 0; i < SIGMAS.length - 1; i++) {
      if (Math.abs(SIGMAS[i] / sigma - 1) < 1e-5) {
        return SIGMAS[i + 1];
      }
    }
    throw new AssertionError("no noise level: " + sigma);
  }

  @Test
  void bothSidesOfATrainingPairShareImageAndNoise() {
    ComputationGraph student = student(0);
    MultiDataSet batch = ConsistencyBatches.training(settings(1), ITSELF, student).batch(0);
    // The same images and the same noise, from other batches of the same seed.
    INDArray clean = clean(0);
    for (int i = 0; i < BATCH; i++) {
      double sigma = batch.getFeatures(1).getDouble(i);
      double next = next(sigma);
      INDArray image = clean.slice(i).reshape(1, 1, 4, 4);
      INDArray noisy = batch.getFeatures(0).slice(i).reshape(1, 1, 4, 4);
      INDArray noise = noisy.sub(image).div(sigma);
      assertThat(noise.norm2Number().doubleValue()).isBetween(1.5, 8.0);
      INDArray goal =
          student.outputSingle(
              image.add(noise.mul(next)), Nd4j.createFromArray((float) next).reshape(1, 1));
      assertClose(batch.getLabels(0).slice(i).reshape(1, 1, 4, 4), goal, 1e-4);
    }
    assertThat(batch.getLabelsMaskArray(0)).isEqualTo(Nd4j.ones(BATCH, 1));
  }

  /** The images of an iteration: what a pair of levels near zero noise is made of. */
  private static INDArray clean(int iteration) {
    return new org.lcsc.diffusion.training.EdmBatches(
            settings(1),
            Preconditioning.edm(0.5, Preconditioning.NetworkTime.QUARTER_LOG),
            org.lcsc.diffusion.training.EdmBatches.LogNormal.EDM)
        .batch(iteration)
        .getLabels(0);
  }

  @Test
  void aTeacherGivesTheOtherSideByOneHeunStep() {
    ComputationGraph student = student(0);
    ComputationGraph teacher = teacher();
    MultiDataSet batch =
        ConsistencyBatches.distillation(settings(1), ITSELF, student, teacher).batch(0);
    INDArray sigmas = batch.getFeatures(1);
    double[] next = new double[BATCH];
    for (int i = 0; i < BATCH; i++) {
      next[i] = next(sigmas.getDouble(i));
    }
    INDArray nexts = Nd4j.createFromArray(next).castTo(DataType.FLOAT).reshape(BATCH, 1);
    INDArray stepped =
        HeunStep.apply(
            (x, sigma) -> teacher.outputSingle(x, sigma), batch.getFeatures(0), sigmas, nexts);
    assertClose(batch.getLabels(0), student.outputSingle(stepped, nexts), 1e-5);
  }

  @Test
  void theTargetWithoutARateIsTheTrainedNetworkOfThatMoment() {
    ComputationGraph student = student(0);
    ComputationGraph before = student.clone();
    ConsistencyBatches batches = ConsistencyBatches.training(settings(3), ITSELF, student);
    double moved = 0;
    for (int n = 0; n < 3; n++) {
      MultiDataSet batch = batches.next();
      INDArray sigmas = batch.getFeatures(1);
      INDArray nexts = sigmas.dup();
      for (int i = 0; i < BATCH; i++) {
        nexts.putScalar(i, 0, next(sigmas.getDouble(i)));
      }
      INDArray clean = clean(n);
      INDArray share = nexts.div(sigmas).reshape(BATCH, 1, 1, 1);
      INDArray lessNoisy = batch.getFeatures(0).sub(clean).mul(share).addi(clean);
      assertClose(batch.getLabels(0), student.outputSingle(lessNoisy, nexts), 1e-4);
      moved = batch.getLabels(0).distance2(before.outputSingle(lessNoisy, nexts));
      student.fit(batch);
    }
    assertThat(moved).isGreaterThan(1e-2);
    assertThat(batches.followedTarget(3)).isEmpty();
  }

  @Test
  void theTargetWithARateFollowsEveryUpdate() {
    ComputationGraph student = student(0);
    ConsistencyDistillation slow = new ConsistencyDistillation(18, 0.75, 100);
    ConsistencyBatches batches = ConsistencyBatches.training(settings(4), slow, student);
    INDArray expected = student.params().dup();
    for (int n = 0; n < 4; n++) {
      MultiDataSet batch = batches.next();
      assertClose(target(batches, n), expected, 1e-6);
      student.fit(batch);
      expected.muli(0.75).addi(student.params().mul(0.25));
    }
    assertThat(target(batches, 3).sub(student.params()).amaxNumber().doubleValue())
        .isGreaterThan(1e-5);
  }

  private static INDArray target(ConsistencyBatches batches, int updates) {
    return batches.followedTarget(updates).orElseThrow();
  }

  @Test
  void noGradientReachesTheTarget() {
    ComputationGraph student = student(0);
    MultiDataSet batch = ConsistencyBatches.training(settings(1), ITSELF, student).batch(0);
    student.setInputs(batch.getFeatures());
    student.setLabels(batch.getLabels());
    student.setLayerMaskArrays(null, batch.getLabelsMaskArrays());
    student.computeGradientAndScore();
    INDArray gradient = student.gradient().gradient().reshape(student.numParams()).dup();
    // Were the target to move with theta, the loss along a direction would change differently.
    INDArray start = student.params().dup();
    INDArray direction = gradient.div(gradient.norm2Number());
    double h = 2e-3;
    double slope =
        (score(student, start, direction, h, batch) - score(student, start, direction, -h, batch))
            / (2 * h);
    double expected = gradient.norm2Number().doubleValue() / BATCH;
    assertThat(slope / expected).isCloseTo(1, within(0.03));
  }

  private static double score(
      ComputationGraph network, INDArray start, INDArray direction, double h, MultiDataSet batch) {
    network.setParams(start.add(direction.mul(h).reshape(start.shape())));
    double score = network.score(batch);
    network.setParams(start);
    return score;
  }

  @Test
  void bothSidesDropTheSameActivations() {
    ComputationGraph student = student(0.5);
    ConsistencyBatches batches = ConsistencyBatches.training(settings(30), ITSELF, student);
    MultiDataSet first = batches.batch(20);
    // As the trained network itself would answer at that iteration, and not at another.
    INDArray atIteration = asTrainedAt(student, first, 20);
    INDArray other = asTrainedAt(student, first, 21);
    assertThat(atIteration.sub(other).amaxNumber().doubleValue()).isGreaterThan(1e-3);
    assertThat(batches.batch(20).getLabels(0)).isEqualTo(first.getLabels(0));
    INDArray target = TargetNetwork.sharing(student).predict(20, first.getFeatures());
    assertClose(target, atIteration, 1e-5);
  }

  private static INDArray asTrainedAt(ComputationGraph network, MultiDataSet batch, int iteration) {
    network.getConfiguration().setIterationCount(iteration);
    for (var layer : network.getLayers()) {
      layer.setIterationCount(iteration);
    }
    INDArray output = network.outputSingle(true, batch.getFeatures()).dup();
    network.getConfiguration().setIterationCount(0);
    return output;
  }

  @Test
  void labelsReachBothSides() {
    Preconditioning consistency =
        Preconditioning.consistency(0.5, Preconditioning.NetworkTime.THOUSANDFOLD);
    ComputationGraph student = network(consistency, 0, 3);
    MultiDataSet batch =
        ConsistencyBatches.training(settings(1).withLabels(true), ITSELF, student).batch(0);
    assertThat(batch.getFeatures()).hasSize(3);
    assertThat(batch.getFeatures(2).shape()).containsExactly(BATCH, 3);
    assertThat(batch.getFeatures(2).sumNumber().doubleValue()).isEqualTo(BATCH);
    student.fit(batch);
    assertThat(student.score()).isFinite();
  }

  @Test
  void pairsAreDrawnAsOftenAsTheCurriculumSays() {
    ComputationGraph student = student(0);
    ImprovedConsistencyTraining curriculum = new ImprovedConsistencyTraining(10, 10, -1.1, 2, 10);
    BatchSettings many = settings(1).withBatchSize(3000);
    MultiDataSet batch = ConsistencyBatches.training(many, curriculum, student).batch(0);
    double[] sigmas = KarrasSigmas.edm(11);
    double[] expected = curriculum.probabilities(sigmas);
    int[] seen = new int[expected.length];
    for (int i = 0; i < 3000; i++) {
      double sigma = batch.getFeatures(1).getDouble(i);
      int pair = 0;
      while (Math.abs(sigmas[pair] / sigma - 1) > 1e-5) {
        pair++;
      }
      seen[pair]++;
      double weight = curriculum.weight(sigmas[pair], sigmas[pair + 1]);
      assertThat(batch.getLabelsMaskArray(0).getDouble(i) / weight).isCloseTo(1, within(1e-5));
    }
    for (int pair = 0; pair < seen.length; pair++) {
      double deviation = Math.sqrt(3000 * expected[pair] * (1 - expected[pair]));
      assertThat((double) seen[pair])
          .as("pair " + pair)
          .isCloseTo(3000 * expected[pair], within(4.5 * deviation));
    }
  }

  @Test
  void aTargetGoesOnWhereAnInterruptedTrainingLeftIt() {
    ConsistencyDistillation following = new ConsistencyDistillation(18, 0.9, 100);
    ComputationGraph student = student(0.1);
    ConsistencyBatches whole = ConsistencyBatches.training(settings(12), following, student);
    for (int n = 0; n < 5; n++) {
      student.fit(whole.next());
    }
    // Asking for the state in between changes nothing: the next batch would have followed too.
    INDArray saved = target(whole, 5).dup();
    ComputationGraph resumed = student(0.1);
    resumed.setParams(student.params());
    ConsistencyBatches rest =
        ConsistencyBatches.training(
            BatchSettings.of(images()).withBatchSize(BATCH).withIterations(5, 12).withSeed(5),
            following,
            resumed);
    rest.restoreTarget(saved);
    assertThat(target(rest, 5)).isNotEqualTo(resumed.params());
    for (int n = 5; n < 8; n++) {
      assertThat(rest.next().getLabels(0)).isEqualTo(whole.next().getLabels(0));
      assertThat(target(rest, n)).isEqualTo(target(whole, n));
      student.params().muli(0.99);
      resumed.params().muli(0.99);
    }
  }

  @Test
  void aTargetThatIsTheStudentHasNothingToRestore() {
    ConsistencyBatches batches = ConsistencyBatches.training(settings(3), ITSELF, student(0));
    assertThat(batches.followedTarget(0)).isEmpty();
    assertThatThrownBy(() -> batches.restoreTarget(Nd4j.zeros(3)))
        .isInstanceOf(IllegalStateException.class);
  }
}
