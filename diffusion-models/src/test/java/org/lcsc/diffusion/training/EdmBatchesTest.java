package org.lcsc.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.training.EdmBatches.LogNormal;
import org.lcsc.image.ImageShape;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

class EdmBatchesTest {

  private static final Preconditioning EDM =
      Preconditioning.edm(0.5, Preconditioning.NetworkTime.QUARTER_LOG);

  private static EdmBatches batches(int size) {
    ImageShape shape = new ImageShape(1, 4, 4);
    byte[] pixels = new byte[20 * shape.length()];
    new Random(1).nextBytes(pixels);
    return new EdmBatches(
        BatchSettings.of(ImageDataSet.of("random", shape, pixels, 0, null)).withBatchSize(size),
        EDM,
        LogNormal.EDM);
  }

  @Test
  void noiseLevelsAreLogNormalAndNoiseHasThatDeviation() {
    int size = 4000;
    MultiDataSet batch = batches(size).batch(3);
    INDArray sigma = batch.getFeatures(1);
    double mean = 0;
    double square = 0;
    double noise = 0;
    INDArray added = batch.getFeatures(0).sub(batch.getLabels(0));
    for (int i = 0; i < size; i++) {
      double log = Math.log(sigma.getDouble(i));
      mean += log / size;
      square += log * log / size;
      double norm = added.slice(i).norm2Number().doubleValue() / sigma.getDouble(i);
      noise += norm * norm / 16 / size;
    }
    assertThat(mean).isCloseTo(-1.2, within(0.08));
    assertThat(Math.sqrt(square - mean * mean)).isCloseTo(1.2, within(0.06));
    assertThat(noise).isCloseTo(1, within(0.03));
  }

  @Test
  void theMaskWeighsTheCleanImagesByTheLevel() {
    MultiDataSet batch = batches(5).batch(0);
    for (int i = 0; i < 5; i++) {
      double sigma = batch.getFeatures(1).getDouble(i);
      assertThat(batch.getLabelsMaskArray(0).getDouble(i) / EDM.weight(sigma))
          .isCloseTo(1, within(1e-5));
    }
    assertThat(batch.getLabels(0).maxNumber().doubleValue()).isLessThanOrEqualTo(1);
  }

  @Test
  void aBatchIsAFunctionOfItsIteration() {
    assertThat(batches(5).batch(7)).isEqualTo(batches(5).batch(7));
    assertThat(batches(5).batch(7)).isNotEqualTo(batches(5).batch(8));
  }
}
