package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class FeatureLikelihoodTest {

  private static final INDArray TRAINING = gaussians(1, 400);
  private static final INDArray HELD_OUT = gaussians(2, 200);

  private static INDArray gaussians(long seed, int count) {
    return Gaussians.array(Gaussians.rows(seed, count, 4, 0), 0, count);
  }

  @Test
  void copiesOfTheTrainingImagesAreWorseThanNewOnes() {
    FeatureLikelihood fresh = FeatureLikelihood.of(TRAINING, HELD_OUT, gaussians(3, 200));
    assertThat(fresh.divergence()).isCloseTo(0, within(5.0));
    FeatureLikelihood copies =
        FeatureLikelihood.of(TRAINING, HELD_OUT, Gaussians.array(rows(), 0, 200));
    assertThat(copies.divergence()).isGreaterThan(fresh.divergence() + 20);
    assertThat(copies.gap()).isLessThan(fresh.gap() - 20);
  }

  private static float[][] rows() {
    return Gaussians.rows(1, 400, 4, 0);
  }

  @Test
  void featuresThatDoNotVaryCountForNothing() {
    INDArray generated = gaussians(3, 100);
    FeatureLikelihood expected = FeatureLikelihood.of(TRAINING, HELD_OUT, generated);
    assertThat(FeatureLikelihood.of(withZeros(TRAINING), withZeros(HELD_OUT), withZeros(generated)))
        .isEqualTo(expected);
    INDArray same = Nd4j.zeros(10, 4);
    assertThat(FeatureLikelihood.of(TRAINING, same, generated).gap()).isNaN();
  }

  private static INDArray withZeros(INDArray features) {
    return Nd4j.hstack(Nd4j.zeros(features.size(0), 1), features);
  }

  @Test
  void blocksChangeNothing() {
    int many = NearestNeighbours.BLOCK + 300;
    double[] centres = gaussians(4, many).data().asDouble();
    double[] rows = gaussians(5, many).data().asDouble();
    double[] twice = Arrays.copyOf(rows, 2 * rows.length);
    System.arraycopy(rows, 0, twice, rows.length, rows.length);
    GaussianMixture mixture = GaussianMixture.fit(centres, rows, 4);
    assertThat(mixture.meanNegativeLogLikelihood(twice))
        .isCloseTo(mixture.meanNegativeLogLikelihood(rows), within(1e-12));
    assertThat(GaussianMixture.fit(centres, twice, 4).meanNegativeLogLikelihood(rows))
        .isCloseTo(mixture.meanNegativeLogLikelihood(rows), within(1e-9));
  }

  @Test
  void heldOutImagesThemselvesAreNotScored() {
    Metric.Features features =
        new Metric.Features(
            HELD_OUT.dup(),
            FrechetDistance.against(Gaussians.twoPass(rows())),
            TRAINING,
            null,
            HELD_OUT,
            null,
            1);
    assertThat(new Metrics.Fld().measure(features)).isNull();
    assertThat(new Metrics.FrechetRatio().measure(features).means()).containsEntry("FDr", 1.0);
  }

  @Test
  void refusesBadArguments() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureLikelihood.of(TRAINING, Nd4j.zeros(1, 4), HELD_OUT))
        .withMessageContaining("H at least 2, got [1, 4]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureLikelihood.of(TRAINING, HELD_OUT, Nd4j.zeros(5, 3)))
        .withMessageContaining("[N, 4], got [5, 3]");
    INDArray broken = HELD_OUT.dup().putScalar(0, Float.NaN);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureLikelihood.of(TRAINING, HELD_OUT, broken))
        .withMessageContaining("NaN");
  }
}
