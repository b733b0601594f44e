package org.lcsc.metrics.objective;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.PixelFeatures;
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

  private static String refusal(double candidate, double rival) {
    PixelFeatures pixels = new PixelFeatures(SHAPE);
    INDArray real = pixels.extract(new SeededNoise(99).gaussian(0, 0, 600, 1, 2, 2));
    return new VarietyGuard(new Scaled(), new SeededNoise(5), 250, pixels, real)
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
}
