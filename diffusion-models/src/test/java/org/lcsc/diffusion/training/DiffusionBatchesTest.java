package org.lcsc.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.schedule.BetaSchedules;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.image.ImageShape;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class DiffusionBatchesTest {

  private static final NoiseSchedule SCHEDULE = new BetaSchedules.Cosine().over(250);
  private static final ImageShape SHAPE = new ImageShape(2, 4, 4);
  private static final int IMAGES = 10;
  private static final int CLASSES = 5;

  /** Random images; image i has class i / 2. */
  private static ImageDataSet images(boolean labelled) {
    byte[] pixels = new byte[IMAGES * SHAPE.length()];
    new Random(3).nextBytes(pixels);
    int[] labels = new int[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = i / 2;
    }
    return ImageDataSet.of("random", SHAPE, pixels, CLASSES, labelled ? labels : null);
  }

  private static BatchSettings settings() {
    return BatchSettings.of(images(true)).withBatchSize(4).withIterations(0, 12).withSeed(9);
  }

  private static DiffusionBatches batches(Prediction prediction, BatchSettings settings) {
    return new DiffusionBatches(settings, SCHEDULE, prediction);
  }

  private static List<INDArray> arrays(MultiDataSet batch) {
    List<INDArray> arrays = new ArrayList<>(List.of(batch.getFeatures()));
    arrays.addAll(List.of(batch.getLabels()));
    return arrays;
  }

  @Test
  void aTrainingResumedSeesTheBatchesOfOneUndisturbed() {
    DiffusionBatches undisturbed =
        batches(Prediction.EPSILON, settings().withFlip(true).withLabels(true));
    List<List<INDArray>> all = new ArrayList<>();
    while (undisturbed.hasNext()) {
      all.add(arrays(undisturbed.next()));
    }
    assertThat(all).hasSize(12);
    DiffusionBatches resumed =
        batches(
            Prediction.EPSILON, settings().withFlip(true).withLabels(true).withIterations(7, 12));
    for (int n = 7; n < 12; n++) {
      assertThat(arrays(resumed.next())).as("iteration %d", n).isEqualTo(all.get(n));
    }
    assertThat(resumed.hasNext()).isFalse();
    assertThat(arrays(resumed.batch(3))).isEqualTo(all.get(3)).isNotEqualTo(all.get(4));
  }

  @Test
  void anotherSeedGivesOtherNoise() {
    MultiDataSet one = batches(Prediction.EPSILON, settings()).batch(0);
    MultiDataSet other = batches(Prediction.EPSILON, settings().withSeed(10)).batch(0);
    assertThat(other.getLabels(0)).isNotEqualTo(one.getLabels(0));
    assertThat(other.getFeatures(1)).isNotEqualTo(one.getFeatures(1));
  }

  /** From x_t and the target follow x_0 and epsilon, and x_0 is an image of the set. */
  @ParameterizedTest
  @EnumSource(Prediction.class)
  void theTargetGivesBackImageAndNoise(Prediction prediction) {
    INDArray set = images(true).batch(0, IMAGES);
    DiffusionBatches batches = batches(prediction, settings().withLabels(true));
    DiffusionBatches noises = batches(Prediction.EPSILON, settings());
    for (int n = 0; n < 12; n++) {
      MultiDataSet batch = batches.batch(n);
      INDArray epsilons = noises.batch(n).getLabels(0);
      for (int i = 0; i < 4; i++) {
        int t = step(batch, i);
        INDArray xt = batch.getFeatures(0).get(NDArrayIndex.point(i)).dup();
        INDArray target = batch.getLabels(0).get(NDArrayIndex.point(i)).dup();
        INDArray x0 = Nd4j.createUninitialized(xt.dataType(), xt.shape());
        INDArray epsilon = Nd4j.createUninitialized(xt.dataType(), xt.shape());
        prediction.toX0(SCHEDULE.alpha(t), SCHEDULE.sigma(t), xt, target, x0);
        prediction.toEpsilon(SCHEDULE.alpha(t), SCHEDULE.sigma(t), xt, target, epsilon);

        // 1 / alpha and 1 / sigma magnify float rounding at the ends of the chain.
        double rounding = 1e-6 * (1 + 1 / Math.min(SCHEDULE.alpha(t), SCHEDULE.sigma(t)));
        assertThat(distance(epsilon, epsilons.get(NDArrayIndex.point(i))))
            .as("noise of %s at step %d", prediction, t)
            .isLessThan(rounding);
        int label = batch.getFeatures(2).getRow(i).argMax(0).getInt(0);
        double nearest =
            Math.min(
                distance(x0, set.get(NDArrayIndex.point(2 * label))),
                distance(x0, set.get(NDArrayIndex.point(2 * label + 1))));
        assertThat(nearest).as("image of %s at step %d", prediction, t).isLessThan(rounding);
      }
    }
  }

  private static double distance(INDArray a, INDArray b) {
    return a.sub(b).amaxNumber().doubleValue();
  }

  /** The step of a network time, which must be a whole one. */
  private static int step(MultiDataSet batch, int i) {
    float time = batch.getFeatures(1).getFloat(i, 0);
    int t = Math.round(time * SCHEDULE.steps() / NoiseSchedule.REFERENCE_STEPS);
    assertThat(t).isBetween(0, SCHEDULE.steps() - 1);
    assertThat(time).isEqualTo((float) SCHEDULE.networkTime(t));
    return t;
  }

  @Test
  void timesAreUniformOverTheChain() {
    DiffusionBatches batches = batches(Prediction.EPSILON, settings().withBatchSize(100));
    int[] tenths = new int[10];
    int draws = 0;
    for (int n = 0; n < 50; n++) {
      MultiDataSet batch = batches.batch(n);
      assertThat(batch.getFeatures(1).shape()).containsExactly(100, 1);
      for (int i = 0; i < 100; i++) {
        tenths[step(batch, i) * 10 / SCHEDULE.steps()]++;
        draws++;
      }
    }
    double expected = draws / 10.0;
    double chiSquared = 0;
    for (int count : tenths) {
      chiSquared += (count - expected) * (count - expected) / expected;
    }
    // The 0.999 quantile at nine degrees of freedom.
    assertThat(chiSquared).isLessThan(27.9);
  }

  /** Neither as they are nor shifted along the batch. */
  @Test
  void timesOfSuccessiveBatchesHaveNothingInCommon() {
    DiffusionBatches batches = batches(Prediction.EPSILON, settings().withBatchSize(100));
    for (int n = 0; n < 10; n++) {
      float[] now = batches.batch(n).getFeatures(1).data().asFloat();
      float[] next = batches.batch(n + 1).getFeatures(1).data().asFloat();
      for (int shift = -3; shift <= 3; shift++) {
        int equal = 0;
        for (int i = 3; i < 97; i++) {
          equal += now[i] == next[i + shift] ? 1 : 0;
        }
        // One in 250 by chance.
        assertThat(equal).as("batches %d and %d, shift %d", n, n + 1, shift).isLessThan(6);
      }
    }
  }

  @Test
  void noiseIsStandardAndNeverRepeats() {
    DiffusionBatches batches = batches(Prediction.EPSILON, settings().withBatchSize(100));
    INDArray first = batches.batch(0).getLabels(0);
    INDArray second = batches.batch(1).getLabels(0);
    assertThat(first.meanNumber().doubleValue()).isCloseTo(0, within(0.06));
    assertThat(first.stdNumber().doubleValue()).isCloseTo(1, within(0.04));
    double correlation = first.mul(second).meanNumber().doubleValue();
    assertThat(correlation).isCloseTo(0, within(0.06));
  }

  @Test
  void labelsAreOneHotAndFollowTheirImages() {
    MultiDataSet batch =
        batches(Prediction.X0, settings().withLabels(true).withBatchSize(IMAGES)).batch(0);
    assertThat(batch.getFeatures(2).shape()).containsExactly(IMAGES, CLASSES);
    // One epoch: two images of each class.
    assertThat(batch.getFeatures(2).sum(0).toFloatVector()).containsOnly(2);
    assertThat(batch.getFeatures(2).sum(1).toFloatVector()).containsOnly(1);
    assertThat(batch.getFeatures(2).max(1).toFloatVector()).containsOnly(1);
    assertThat(batches(Prediction.X0, settings()).batch(0).getFeatures()).hasSize(2);
  }

  @Test
  void aShareOfTheLabelsIsLeftOut() {
    BatchSettings settings = settings().withLabels(true).withBatchSize(2000);
    INDArray all = batches(Prediction.X0, settings).batch(3).getFeatures(2);
    MultiDataSet batch = batches(Prediction.X0, settings.withLabelDropout(0.2)).batch(3);
    INDArray kept = batch.getFeatures(2).sum(1);
    assertThat(kept.toFloatVector()).containsOnly(0, 1);
    assertThat(kept.meanNumber().doubleValue()).isCloseTo(0.8, within(0.04));
    assertThat(batch.getFeatures(2)).isEqualTo(all.mulColumnVector(kept));
    assertThat(batch.getFeatures(0))
        .isEqualTo(batches(Prediction.X0, settings).batch(3).getFeatures(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings().withLabelDropout(1))
        .withMessage("labelDropout: expected 0 to less than 1, got 1.0");
  }

  @Test
  void aboutHalfOfTheImagesAreMirrored() {
    INDArray set = images(true).batch(0, IMAGES);
    boolean[] mirror = new boolean[IMAGES];
    java.util.Arrays.fill(mirror, true);
    int[] everyImage = new int[IMAGES];
    java.util.Arrays.setAll(everyImage, i -> i);
    INDArray mirrored = images(true).batch(everyImage, mirror);
    DiffusionBatches flipping =
        batches(Prediction.X0, settings().withFlip(true).withBatchSize(IMAGES));
    DiffusionBatches plain = batches(Prediction.X0, settings().withBatchSize(IMAGES));
    int flips = 0;
    for (int n = 0; n < 20; n++) {
      INDArray flipped = flipping.batch(n).getLabels(0);
      INDArray straight = plain.batch(n).getLabels(0);
      for (int i = 0; i < IMAGES; i++) {
        int image = indexIn(set, straight.get(NDArrayIndex.point(i)));
        INDArray x0 = flipped.get(NDArrayIndex.point(i));
        if (!x0.equals(set.get(NDArrayIndex.point(image)))) {
          assertThat(x0).isEqualTo(mirrored.get(NDArrayIndex.point(image)));
          flips++;
        }
      }
    }
    assertThat(flips).isBetween(70, 130);
  }

  private static int indexIn(INDArray set, INDArray image) {
    for (int i = 0; i < IMAGES; i++) {
      if (set.get(NDArrayIndex.point(i)).equals(image)) {
        return i;
      }
    }
    throw new AssertionError("no image of the set: " + image);
  }

  @Test
  void onePassIsTheWholeTraining() {
    DiffusionBatches batches = batches(Prediction.EPSILON, settings().withIterations(3, 5));
    assertThat(batches.next()).isNotNull();
    assertThat(batches.next()).isNotNull();
    assertThat(batches.hasNext()).isFalse();
    assertThatThrownBy(batches::next)
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("training ended after 5 iterations");
    assertThat(batches.resetSupported()).isFalse();
    assertThat(batches.asyncSupported()).isFalse();
    assertThatIllegalStateException().isThrownBy(batches::reset);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> batches.next(8))
        .withMessage("the batch size is fixed at 4, asked for 8");
    assertThat(batches(Prediction.EPSILON, settings().withIterations(4, 4)).hasNext()).isFalse();
  }

  @Test
  void thePreProcessorSeesEveryBatch() {
    DiffusionBatches batches = batches(Prediction.EPSILON, settings());
    batches.setPreProcessor(batch -> batch.getLabels(0).assign(5));
    assertThat(batches.next().getLabels(0).meanNumber().doubleValue()).isEqualTo(5);
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BatchSettings.of(images(false)).withLabels(true))
        .withMessage("labels: the data set random has none, train unconditionally");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings().withBatchSize(0))
        .withMessage("batchSize: expected at least 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings().withIterations(5, 4))
        .withMessage("iterations: expected 0 <= first <= last, got 5 and 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OneHot.of(new int[] {0, 5}, 5))
        .withMessage("label: expected 0 to 4, got 5");
  }
}
