package org.lcsc.metrics.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FeatureStatistics;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.metrics.PixelFeatures;
import org.lcsc.metrics.PrecisionRecall;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.RememberedSamples;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class VarietyGuardTest {

  private static final ImageShape SHAPE = new ImageShape(1, 2, 2);

  /** Gaussian images of the standard deviation that is the only parameter. */
  private static final class Scaled implements SampleGenerator {
    private double scale;
    private int drawn;

    @Override
    public void setParameters(INDArray parameters) {
      scale = parameters.getDouble(0);
    }

    @Override
    public INDArray sample(NoiseSource noise, long first, int count) {
      drawn += count;
      return noise.gaussian(0, first, count, 1, 2, 2).muli(scale);
    }
  }

  private static final PixelFeatures PIXELS = new PixelFeatures(SHAPE);
  private static final INDArray IMAGES = new SeededNoise(99).gaussian(0, 0, 600, 1, 2, 2);
  private static final INDArray REAL = PIXELS.extract(IMAGES);

  private static PrecisionRecall measured(double scale) {
    INDArray samples = new SeededNoise(5).gaussian(0, 0, 600, 1, 2, 2).muli(scale);
    return PrecisionRecall.between(
        REAL, PIXELS.extract(samples), PrecisionRecall.DEFAULT_NEIGHBOURS);
  }

  private static String refusal(double candidate, double rival) {
    return new VarietyGuard(new Scaled(), new SeededNoise(5), 250, PIXELS, REAL)
        .against(Nd4j.createFromArray((float) rival))
        .refusal(Nd4j.createFromArray((float) candidate));
  }

  @Test
  void aModelThatDrawsFromTheMiddleAloneIsRefused() {
    assertThat(refusal(0.6, 1)).matches("recall 0\\.\\d{3}, below 0\\.\\d{3} by.*");
  }

  @Test
  void theSameVarietyAndMoreAreNot() {
    assertThat(refusal(1, 1)).isNull();
    assertThat(refusal(0.98, 1)).isNull();
    assertThat(refusal(1, 0.6)).isNull();
  }

  @Test
  void aRivalWithoutFiniteSamplesRefusesOnlyWhatHasNoneEither() {
    assertThat(refusal(1, Double.POSITIVE_INFINITY)).isNull();
    assertThat(refusal(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY))
        .isEqualTo("samples that are not finite");
  }

  @Test
  void aModelThatLeavesRealImagesBareIsRefusedThoughItsBallsAreWide() {
    // Few samples far out have wide balls, which hold many real images: recall does not see it.
    assertThat(refusal(6, 1)).startsWith("coverage 0.");
  }

  @Test
  void lessRecallIsNoLossWhereCoverageRises() {
    // The rival's samples lie far out: their wide balls hold more of the real images.
    assertThat(measured(1).recall()).isLessThan(measured(1.6).recall() - 0.02);
    assertThat(measured(1).coverage()).isGreaterThan(measured(1.6).coverage() + 0.1);
    assertThat(refusal(1, 1.6)).isNull();
  }

  /**
   * Sixteen groups of four real points on a line. The parameters say of how many groups the model
   * draws all points, and of how many more the second point four times; the rest is far away. So
   * coverage is the share of all these groups, recall that of the former and a quarter of the
   * latter.
   */
  private static final class Groups implements SampleGenerator {
    private double[] whole;

    @Override
    public void setParameters(INDArray parameters) {
      whole = parameters.toDoubleVector();
    }

    @Override
    public INDArray sample(NoiseSource noise, long first, int count) {
      assertThat(count).as("samples of a batch").isBetween(1, 64 - (int) first);
      float[] points = new float[count];
      for (int i = 0; i < count; i++) {
        int group = (int) (first + i) / 4;
        int within = (int) (first + i) % 4;
        boolean doubled = group >= whole[0] && group < whole[0] + whole[1];
        int away = group < whole[0] + whole[1] ? 0 : 100_000;
        points[i] = 1000 * group + (doubled ? 1 : within) + away;
      }
      return Nd4j.createFromArray(points).reshape(count, 1);
    }
  }

  private static final FeatureExtractor POINTS =
      new FeatureExtractor() {
        @Override
        public String id() {
          return "points";
        }

        @Override
        public int dimension() {
          return 1;
        }

        @Override
        public INDArray extract(INDArray images) {
          return images;
        }
      };

  @Test
  void looksAtTheSamplesThatValidationScored() {
    Scaled generator = new Scaled();
    SampleGenerator shared = new RememberedSamples(generator);
    NoiseSource noise = new SeededNoise(5);
    FrechetDistance.Reference reference =
        FrechetDistance.against(FeatureStatistics.of(PIXELS, List.of(IMAGES).iterator()));
    FidObjective validation = new FidObjective(shared, noise, 600, 250, PIXELS, reference);
    FidObjective alone = new FidObjective(new Scaled(), noise, 600, 250, PIXELS, reference);
    INDArray rival = Nd4j.createFromArray(1f);
    INDArray candidate = Nd4j.createFromArray(0.6f);
    for (INDArray model : List.of(rival, candidate)) {
      double share = 250 / 600.0;
      assertThat(validation.evaluate(model, share).score())
          .isEqualTo(alone.evaluate(model, share).score());
      assertThat(validation.evaluate(model).score()).isEqualTo(alone.evaluate(model).score());
    }
    assertThat(generator.drawn).isEqualTo(2 * 600);
    String refusal =
        new VarietyGuard(shared, new SeededNoise(5), 250, PIXELS, REAL)
            .against(rival.dup())
            .refusal(candidate.dup());
    assertThat(refusal).isNotNull().isEqualTo(refusal(0.6, 1));
    assertThat(generator.drawn).isEqualTo(2 * 600);
  }

  private static String refusalOfGroups(int batchSize, int[] candidate, int[] rival) {
    Groups generator = new Groups();
    generator.setParameters(Nd4j.createFromArray(16f, 0f));
    INDArray real = generator.sample(null, 0, 64);
    return new VarietyGuard(generator, new SeededNoise(1), batchSize, POINTS, real)
        .against(Nd4j.createFromArray((float) rival[0], rival[1]))
        .refusal(Nd4j.createFromArray((float) candidate[0], candidate[1]));
  }

  @Test
  void aLossCountsBeyondTwoStandardErrors() {
    // Of a half among 64 they are 2 sqrt(1 / 4 / 64) = 1 / 8, two groups of sixteen.
    int[] half = {8, 0};
    assertThat(refusalOfGroups(25, new int[] {6, 0}, half)).isNull();
    assertThat(refusalOfGroups(16, new int[] {5, 0}, half))
        .isEqualTo("recall 0.313, below 0.500 by more than the noise");
  }

  @Test
  void oneImageIsWithinTheNoiseOfAllAndOfNone() {
    assertThat(VarietyGuard.noise(1, 500)).isEqualTo(VarietyGuard.noise(499 / 500.0, 500));
    assertThat(VarietyGuard.noise(1, 500)).isBetween(1 / 500.0, 2 / 500.0);
    assertThat(VarietyGuard.noise(0, 500)).isCloseTo(VarietyGuard.noise(1, 500), within(1e-15));
    assertThat(VarietyGuard.noise(0.5, 64)).isEqualTo(1 / 8.0);
  }

  @Test
  void recallMayFallWhereCoverageRisesBeyondTwoStandardErrors() {
    int[] half = {8, 0};
    assertThat(refusalOfGroups(16, new int[] {0, 10}, half))
        .isEqualTo("recall 0.156, below 0.500 by more than the noise");
    assertThat(refusalOfGroups(64, new int[] {0, 11}, half)).isNull();
  }
}
