package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.io.HostArrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Every measure of feature sets gives what NumPy and SciPy give, singular covariances included.
 * Those that need held-out images have every other row of x for them.
 */
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

  @ParameterizedTest
  @ValueSource(strings = {"small", "wide", "tall", "rank"})
  void gaussianDiscrepancy(String name) throws IOException {
    String file = "features-" + name + ".npz";
    assertThat(
            GaussianDiscrepancy.between(
                CommittedFeatures.array(file, "x"),
                CommittedFeatures.array(file, "y"),
                GaussianDiscrepancy.BANDWIDTH))
        .isCloseTo(CommittedFeatures.value(file, "cmmd"), withinPercentage(1e-8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"small", "wide", "tall", "rank"})
  void slicedDistance(String name) throws IOException {
    String file = "features-" + name + ".npz";
    INDArray x = CommittedFeatures.array(file, "x");
    INDArray y = CommittedFeatures.array(file, "y");
    int count = (int) Math.min(x.size(0), y.size(0));
    assertThat(
            SlicedDistance.between(
                Metrics.spread(x, count),
                Metrics.spread(y, count),
                CommittedFeatures.values(file, "directions")))
        .isCloseTo(CommittedFeatures.value(file, "mind"), withinPercentage(1e-8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"small", "wide", "tall", "rank"})
  void frechetRatioAndFeatureLikelihood(String name) throws IOException {
    String file = "features-" + name + ".npz";
    INDArray x = CommittedFeatures.array(file, "x");
    INDArray training = everyOther(x, 0);
    Metric.Features features =
        new Metric.Features(
            CommittedFeatures.array(file, "y"),
            FrechetDistance.against(moments(training)),
            training,
            null,
            everyOther(x, 1),
            null,
            1);
    assertThat(new Metrics.FrechetRatio().measure(features).means().get("FDr"))
        .isCloseTo(CommittedFeatures.value(file, "fdr"), withinPercentage(1e-4));
    Map<String, Double> likelihood = new Metrics.Fld().measure(features).columns();
    assertThat(likelihood.get("FLD"))
        .isCloseTo(CommittedFeatures.value(file, "fld"), withinPercentage(1e-4));
    assertThat(likelihood.get("FLD gap"))
        .isCloseTo(CommittedFeatures.value(file, "fld-gap"), withinPercentage(1e-4));
  }

  private static INDArray everyOther(INDArray rows, int first) {
    return rows.get(NDArrayIndex.interval(first, 2, rows.size(0)), NDArrayIndex.all()).dup('c');
  }
}
