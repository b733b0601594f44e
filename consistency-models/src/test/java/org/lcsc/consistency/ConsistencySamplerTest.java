package org.lcsc.consistency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lcsc.diffusion.sampler.StepNoise;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ConsistencySamplerTest {

  private static final double S = 0.5;
  private static final double EPSILON = 0.002;

  /** The exact consistency function of Gaussian data. */
  private static INDArray exact(INDArray x, double sigma) {
    return x.mul(Math.sqrt((S * S + EPSILON * EPSILON) / (S * S + sigma * sigma)));
  }

  @Test
  void oneStepOfGaussianDataScalesTheNoiseByTheExactFactor() {
    INDArray noise = Nd4j.createFromArray(0.5, -1.0, 3.0).reshape(3, 1, 1, 1);
    ConsistencySampler sampler = ConsistencySampler.multistep();
    INDArray images = sampler.sample(ConsistencySamplerTest::exact, noise, StepNoise.NONE);
    double factor = 80 * .00624992793;
    assertThat(images.getDouble(0)).isCloseTo(0.5 * factor, within(1e-8));
    assertThat(images.getDouble(1)).isCloseTo(-factor, within(1e-8));
    assertThat(images.getDouble(2)).as("not clipped").isCloseTo(3 * factor, within(1e-8));
    assertThat(sampler.evaluations()).isEqualTo(1);
    assertThat(noise.getDouble(1)).isEqualTo(-1);
  }

  /** The published vector: a network that returns x t / (t + 1), sum over 768 elements. */
  @Test
  void oneStepOfTheReferenceNetworkIsThePublishedSum() {
    INDArray ramp = Nd4j.arange(768).castTo(DataType.DOUBLE).divi(768).reshape(3, 8, 8, 4);
    INDArray sample = ramp.permute(3, 0, 1, 2).dup('c');
    double sigma = 80;
    double denominator = (sigma - EPSILON) * (sigma - EPSILON) + S * S;
    double skip = S * S / denominator;
    double out = (sigma - EPSILON) * S / Math.sqrt(sigma * sigma + S * S);
    double in = 1 / Math.sqrt(sigma * sigma + S * S);
    double time = 1000 * 0.25 * Math.log(sigma + 1e-44);
    INDArray images =
        ConsistencySampler.multistep()
            .sample(
                (x, s) -> x.mul(skip).addi(x.mul(in * time / (time + 1) * out)),
                sample,
                StepNoise.NONE);
    assertThat(images.sumNumber().doubleValue()).isCloseTo(192.7613048, within(1e-4));
  }

  @Test
  void severalStepsKeepTheDistributionOfGaussianData() {
    SeededNoise source = new SeededNoise(4);
    int n = 20_000;
    INDArray noise = source.gaussian(0, 0, n, 1, 1, 1);
    List<Double> levels = new ArrayList<>();
    INDArray images =
        ConsistencySampler.multistep(5, 0.7)
            .sample(
                (x, sigma) -> {
                  levels.add(sigma);
                  return exact(x, sigma).muli(0.2);
                },
                noise,
                StepNoise.of(source, 0, n, 1, 1, 1));
    assertThat(levels).containsExactly(80.0, 5.0, 0.7);
    // Var after the last step: (0.2 c)^2 (Var before + 0.7^2), with c^2 = s^2 / (s^2 + 0.7^2).
    double c2 = (S * S + EPSILON * EPSILON) / (S * S + 0.49);
    double before = 0.04 * 0.25 / 25.25 * (0.04 * 0.25 + 25);
    double expected = 0.04 * c2 * (before + 0.49);
    assertThat(images.varNumber().doubleValue() / expected).isCloseTo(1, within(0.05));
  }

  @Test
  void clippingActsOnEveryResult() {
    List<Double> seen = new ArrayList<>();
    INDArray noise = Nd4j.createFromArray(1.0).reshape(1, 1, 1, 1);
    INDArray images =
        ConsistencySampler.multistep(1)
            .clipped()
            .sample(
                (x, sigma) -> {
                  seen.add(x.getDouble(0));
                  return x.mul(2);
                },
                noise,
                step -> Nd4j.zeros(DataType.DOUBLE, 1, 1, 1, 1));
    assertThat(seen).containsExactly(80.0, 1.0);
    assertThat(images.getDouble(0)).isEqualTo(1);
  }

  @Test
  void stepNoiseIsAskedOncePerFurtherLevel() {
    List<Integer> asked = new ArrayList<>();
    INDArray noise = Nd4j.zeros(2, 1, 2, 2);
    StepNoise counting =
        step -> {
          asked.add(step);
          return Nd4j.zeros(2, 1, 2, 2);
        };
    ConsistencySampler.multistep().sample((x, s) -> x.dup(), noise, counting);
    assertThat(asked).isEmpty();
    ConsistencySampler.multistep(1.1, 0.2).sample((x, s) -> x.dup(), noise, counting);
    assertThat(asked).containsExactly(1, 2);
  }

  @Test
  void refusesLevelsOutOfOrder() {
    for (double[] wrong : new double[][] {{0.2, 1}, {80}, {0.002}, {Double.NaN}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ConsistencySampler.multistep(wrong))
          .withMessageStartingWith("sigmas: expected descending numbers between 0.002 and 80.0");
    }
  }
}
