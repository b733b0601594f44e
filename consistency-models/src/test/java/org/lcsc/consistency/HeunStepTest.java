package org.lcsc.consistency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.lcsc.diffusion.schedule.KarrasSigmas;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class HeunStepTest {

  private static final double S = 0.5;

  /** The exact denoiser of Gaussian data of standard deviation 0.5. */
  private static INDArray gaussian(INDArray x, INDArray sigma) {
    INDArray factor = sigma.mul(sigma).addi(S * S).rdivi(S * S).reshape(x.size(0), 1, 1, 1);
    return x.mul(factor);
  }

  @Test
  void oneStepOfGaussianDataIsThePublishedValue() {
    double[] sigmas = KarrasSigmas.edm(18);
    // A second image takes another step, so that levels are told apart.
    INDArray sigma = Nd4j.createFromArray(sigmas[5], sigmas[10]).reshape(2, 1);
    INDArray next = Nd4j.createFromArray(sigmas[6], sigmas[11]).reshape(2, 1);
    INDArray x = Nd4j.createFromArray(0.3 - 0.4 * sigmas[5], 1.0).reshape(2, 1, 1, 1);
    INDArray before = x.dup();
    INDArray stepped = HeunStep.apply(HeunStepTest::gaussian, x, sigma, next);
    assertThat(stepped.getDouble(0)).isCloseTo(-3.1687462296, within(1e-8));
    double exact = Math.sqrt((S * S + sigmas[11] * sigmas[11]) / (S * S + sigmas[10] * sigmas[10]));
    assertThat(stepped.getDouble(1)).isCloseTo(exact, within(0.02));
    assertThat(x).isEqualTo(before);
  }
}
