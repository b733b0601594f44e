package org.lcsc.metrics.objective;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.PixelFeatures;
import org.lcsc.metrics.PrecisionRecall;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class VarietyGuardTest {

  private static final ImageShape SHAPE = new ImageShape(1, 2, 2);

  /** Gaussian images of the standard deviation that is the only parameter. */
  private static final class Scaled implements SampleGenerator {
    private double scale;

    @Override
    public void setParameters(INDArray parameters) {
      scale = parameters.getDouble(0);
    }

    @Override
    public INDArray sample(NoiseSource noise, long first, int count) {
      return noise.gaussian(0, first, count, 1, 2, 2).muli(scale);
    }
  }

  private static final PixelFeatures PIXELS = new PixelFeatures(SHAPE);
  private static final INDArray REAL =
      PIXELS.extract(new SeededNoise(99).gaussian(0, 0, 600, 1, 2, 2));

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
    assertThat(refusal(0.6, 1)).matches("recall 0\\.\\d{3}, below the 0\\.\\d{3} of EMA\\* by.*");
  }

  @Test
  void theSameVarietyAndMoreAreNot() {
    assertThat(refusal(1, 1)).isNull();
    assertThat(refusal(0.98, 1)).isNull();
    assertThat(refusal(1, 0.6)).isNull();
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
}
