package org.lcsc.metrics.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FeatureMoments;
import org.lcsc.metrics.FeatureStatistics;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.metrics.PixelFeatures;
import org.lcsc.metrics.RandomProjectionFeatures;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.SeededNoise;
import org.lcsc.objective.StageSeconds;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class FidObjectiveTest {

  private static final ImageShape SHAPE = new ImageShape(1, 3, 3);
  private static final SeededNoise NOISE = new SeededNoise(17);

  /** Images shift + scale * noise, of two parameters: the best are (0, 1). */
  private static final class AffineGenerator implements SampleGenerator {
    private double shift;
    private double scale;
    private long poisoned = -1;
    private float poison;
    private int batches;

    @Override
    public void setParameters(INDArray parameters) {
      shift = parameters.getDouble(0);
      scale = parameters.getDouble(1);
    }

    @Override
    public INDArray sample(NoiseSource noise, long first, int count) {
      batches++;
      INDArray images = noise.gaussian(0, first, count, 1, 3, 3).muli(scale);
      if (Double.isNaN(shift)) {
        // ND4J's scalar operations replace a NaN operand.
        images.assign(Float.NaN);
      } else {
        images.addi(shift);
      }
      if (poisoned >= first && poisoned < first + count) {
        images.putScalar(new long[] {poisoned - first, 0, 1, 1}, poison);
      }
      return images;
    }
  }

  private static FrechetDistance.Reference standardNormal(FeatureExtractor extractor) {
    FeatureStatistics statistics = new FeatureStatistics(extractor.dimension());
    statistics.add(extractor.extract(new SeededNoise(99).gaussian(0, 0, 4000, 1, 3, 3)));
    return FrechetDistance.against(statistics.moments());
  }

  private static FidObjective objective(SampleGenerator generator, int samples, int batchSize) {
    PixelFeatures pixels = new PixelFeatures(SHAPE);
    return new FidObjective(generator, NOISE, samples, batchSize, pixels, standardNormal(pixels));
  }

  private static INDArray parameters(double shift, double scale) {
    return Nd4j.create(new float[] {(float) shift, (float) scale});
  }

  @Test
  void approachesTheClosedForm() {
    FidObjective objective = objective(new AffineGenerator(), 4000, 500);
    assertThat(objective.name()).isEqualTo("fid");
    // Isotropic Gaussians in 9 dimensions: 9 (shift^2 + (1 - scale)^2), estimated from 4,000
    // samples.
    assertThat(objective.evaluate(parameters(0, 1)).score()).isBetween(0.0, 0.05);
    assertThat(objective.evaluate(parameters(1, 1)).score()).isCloseTo(9, within(0.5));
    assertThat(objective.evaluate(parameters(0, 3)).score()).isCloseTo(36, within(1.5));
  }

  @Test
  void sameParametersGiveTheSameBitsWhateverWasScoredBefore() {
    FidObjective objective = objective(new AffineGenerator(), 300, 64);
    double first = objective.evaluate(parameters(0.1, 1.1)).score();
    objective.evaluate(parameters(5, 0.2));
    assertThat(objective.evaluate(parameters(0.1, 1.1)).score()).isEqualTo(first);
    assertThat(objective(new AffineGenerator(), 300, 64).evaluate(parameters(0.1, 1.1)).score())
        .isEqualTo(first);
  }

  @Test
  void aShareIsTheScoreOfTheFirstSamples() {
    FidObjective objective = objective(new AffineGenerator(), 400, 64);
    assertThat(objective.evaluate(parameters(0.1, 1.1), 0.25).score())
        .isEqualTo(
            objective(new AffineGenerator(), 100, 64).evaluate(parameters(0.1, 1.1)).score());
    assertThat(objective.evaluate(parameters(0.1, 1.1), 1).score())
        .isEqualTo(objective.evaluate(parameters(0.1, 1.1)).score());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> objective.evaluate(parameters(0, 1), 1.5))
        .withMessageContaining("1.5");
  }

  @Test
  void batchSizeDoesNotMatter() {
    double whole = objective(new AffineGenerator(), 300, 300).evaluate(parameters(0.1, 1)).score();
    for (int batch : new int[] {1, 77, 1000}) {
      assertThat(objective(new AffineGenerator(), 300, batch).evaluate(parameters(0.1, 1)).score())
          .as("batch size %d", batch)
          .isCloseTo(whole, within(1e-6 * whole));
    }
  }

  @Test
  void nonFiniteSampleScoresNanAndEndsSampling() {
    for (float poison : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      AffineGenerator generator = new AffineGenerator();
      generator.poisoned = 150;
      generator.poison = poison;
      Evaluation evaluation = objective(generator, 1000, 100).evaluate(parameters(0, 1));
      assertThat(evaluation.score()).isNaN();
      assertThat(evaluation.isFinite()).isFalse();
      assertThat(generator.batches).isEqualTo(2);
    }
  }

  @Test
  void recoversAfterANonFiniteModel() {
    FidObjective objective = objective(new AffineGenerator(), 200, 100);
    double before = objective.evaluate(parameters(0, 1)).score();
    assertThat(objective.evaluate(parameters(Double.NaN, 1)).score()).isNaN();
    assertThat(objective.evaluate(parameters(0, 1)).score()).isEqualTo(before);
  }

  @Test
  void featuresThatOverflowScoreNan() {
    RandomProjectionFeatures projection = new RandomProjectionFeatures(SHAPE, 4, 1);
    FidObjective objective =
        new FidObjective(
            new AffineGenerator(), NOISE, 50, 50, projection, standardNormal(projection));
    assertThat(objective.evaluate(parameters(3e38, 0)).score()).isNaN();
  }

  @Test
  void timesEveryStage() {
    StageSeconds seconds =
        objective(new AffineGenerator(), 2000, 100).evaluate(parameters(0, 1)).seconds();
    assertThat(seconds.merging()).isZero();
    assertThat(seconds.sampling()).isPositive();
    assertThat(seconds.features()).isPositive();
    assertThat(seconds.statistics()).isPositive();
  }

  @Test
  void severalSpacesInOnePassEqualSeparateObjectives() {
    PixelFeatures pixels = new PixelFeatures(SHAPE);
    RandomProjectionFeatures projection = new RandomProjectionFeatures(SHAPE, 4, 1);
    AffineGenerator generator = new AffineGenerator();
    MultiFid both =
        new MultiFid(
            generator,
            NOISE,
            300,
            100,
            List.of(
                new MultiFid.Space("pixels", pixels, standardNormal(pixels)),
                new MultiFid.Space("projection", projection, standardNormal(projection))));
    MultiFid.Result result = both.evaluateAll(parameters(0.2, 1.2));
    assertThat(generator.batches).isEqualTo(3);
    assertThat(result.scores().keySet()).containsExactly("pixels", "projection");
    assertThat(result.scores().get("pixels"))
        .isEqualTo(
            objective(new AffineGenerator(), 300, 100).evaluate(parameters(0.2, 1.2)).score());
    assertThat(result.scores().get("projection"))
        .isEqualTo(
            new FidObjective(
                    new AffineGenerator(), NOISE, 300, 100, projection, standardNormal(projection))
                .evaluate(parameters(0.2, 1.2))
                .score());
  }

  @Test
  void ranksModelsByTheirDistance() {
    FidObjective objective = objective(new AffineGenerator(), 500, 250);
    double[] scores =
        IntStream.of(0, 1, 2, 3)
            .mapToDouble(step -> objective.evaluate(parameters(0.5 * step, 1)).score())
            .toArray();
    assertThat(scores).isSorted();
  }

  @Test
  void refusesBadArguments() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> objective(new AffineGenerator(), 1, 10))
        .withMessageContaining("samples must be at least 2, got 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> objective(new AffineGenerator(), 10, 0))
        .withMessageContaining("batchSize must be at least 1, got 0");
    FrechetDistance.Reference other =
        FrechetDistance.against(FeatureMoments.of(9, new double[] {0}, new double[] {1}));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new FidObjective(
                    new AffineGenerator(), NOISE, 10, 10, new PixelFeatures(SHAPE), other))
        .withMessageContaining("9 features")
        .withMessageContaining("have 1");
    PixelFeatures pixels = new PixelFeatures(SHAPE);
    MultiFid.Space space = new MultiFid.Space("same", pixels, standardNormal(pixels));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MultiFid(new AffineGenerator(), NOISE, 10, 10, List.of(space, space)))
        .withMessageContaining("'same'");
  }
}
