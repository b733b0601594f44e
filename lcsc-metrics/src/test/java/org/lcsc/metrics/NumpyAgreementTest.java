package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.io.HostArrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Every measure of feature sets gives what NumPy and SciPy give, singular covariances included. */
class NumpyAgreementTest {

  private static FeatureMoments moments(INDArray features) {
    FeatureStatistics statistics = new FeatureStatistics((int) features.size(1));
    statistics.add(features);
    return statistics.moments();
  }

  @ParameterizedTest
  @ValueSource(strings = {"small", "wide", "tall", "rank"})
  void frechetDistance(String name) throws IOException {
    String file = "features-" + name + ".npz";
    INDArray x = CommittedFeatures.array(file, "x");
    INDArray y = CommittedFeatures.array(file, "y");
    double expected = CommittedFeatures.value(file, "fid");
    FrechetDistance.Reference reference = FrechetDistance.against(moments(x));
    assertThat(reference.distance(moments(y)))
        .as("by moments")
        .isCloseTo(expected, within(1e-6 * expected));

    FrechetDistance.Accumulator accumulator = reference.accumulator((int) y.size(0));
    accumulator.add(HostArrays.floats(y));
    assertThat(accumulator.distance())
        .as("by the smaller form")
        .isCloseTo(expected, within(1e-6 * expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"small", "wide", "tall", "rank"})
  void kernelDistance(String name) throws IOException {
    String file = "features-" + name + ".npz";
    assertThat(
            KernelDistance.between(
                CommittedFeatures.array(file, "x"), CommittedFeatures.array(file, "y")))
        .isCloseTo(CommittedFeatures.value(file, "kid"), within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(strings = {"small", "wide", "tall", "rank"})
  void precisionRecallDensityAndCoverage(String name) throws IOException {
    String file = "features-" + name + ".npz";
    PrecisionRecall shares =
        PrecisionRecall.between(
            CommittedFeatures.array(file, "x"),
            CommittedFeatures.array(file, "y"),
            PrecisionRecall.DEFAULT_NEIGHBOURS);
    assertThat(shares.precision()).isEqualTo(CommittedFeatures.value(file, "precision"));
    assertThat(shares.recall()).isEqualTo(CommittedFeatures.value(file, "recall"));
    assertThat(shares.density()).isCloseTo(CommittedFeatures.value(file, "density"), within(1e-12));
    assertThat(shares.coverage()).isEqualTo(CommittedFeatures.value(file, "coverage"));
  }
}
