package org.lcsc.diffusion.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class InitialisationTest {

  private static final int C = 16;

  private static ComputationGraph network(long seed) {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(seed)
                .graphBuilder()
                .addInputs("x")
                .addLayer("conv0", new Conv2d(C, C, 3), "x")
                .addLayer("conv1", new Conv2d(C, C, 3), "conv0")
                .addLayer("loss", new ImageLossLayer(new SquaredError()), "conv1")
                .setOutputs("loss")
                .build());
    graph.init();
    return graph;
  }

  private static float[] weights(ComputationGraph graph, String layer) {
    return graph.getLayer(layer).getParam(Conv2d.WEIGHT).dup('c').data().asFloat();
  }

  @Test
  void weightsFollowFromTheSeedAlone() {
    ComputationGraph one = network(7);
    Nd4j.getRandom().nextGaussian();
    assertThat(network(7).params()).isEqualTo(one.params());
    assertThat(network(8).params()).isNotEqualTo(one.params());
  }

  /** Neither as they are nor shifted, nor those of the neighbouring seed. */
  @Test
  void layersOfSimilarNamesHaveNothingInCommon() {
    float[] first = weights(network(7), "conv0");
    for (float[] other :
        new float[][] {weights(network(7), "conv1"), weights(network(6), "conv1")}) {
      for (int shift = -8; shift <= 8; shift++) {
        double product = 0;
        double squares = 0;
        for (int i = 8; i < first.length - 8; i++) {
          product += first[i] * other[i + shift];
          squares += first[i] * first[i];
        }
        // Five standard deviations of 2,288 independent products.
        assertThat(product / squares).as("shift %d", shift).isCloseTo(0, within(0.11));
      }
    }
  }

  @Test
  void xavierDependsOnBothSidesAndLeavesBiasesAtZero() {
    Conv2d layer = new Conv2d(4, 12, 3, 1, 0.5, Initialisation.XAVIER);
    INDArray weight = Nd4j.create(DataType.DOUBLE, 12, 4, 3, 3);
    INDArray bias = Nd4j.ones(DataType.DOUBLE, 12);
    layer.initialise(Conv2d.WEIGHT, weight, 3);
    layer.initialise(Conv2d.BIAS, bias, 3);
    double bound = 0.5 * Math.sqrt(6.0 / (9 * (4 + 12)));
    assertThat(weight.amaxNumber().doubleValue()).isBetween(0.98 * bound, bound);
    assertThat(bias.amaxNumber().doubleValue()).isZero();
  }

  @Test
  void attentionProjectsToThreeTimesItsChannels() {
    SelfAttention2d layer = new SelfAttention2d(16, 1, 2, 1e-5, Initialisation.XAVIER);
    INDArray weight = Nd4j.create(DataType.DOUBLE, 16, 16, 1, 1);
    double[] expected = {2 * Math.sqrt(6.0 / 64), 1e-5 * Math.sqrt(6.0 / 32)};
    String[] names = {SelfAttention2d.weight("key"), SelfAttention2d.weight("output")};
    for (int i = 0; i < 2; i++) {
      layer.initialise(names[i], weight, 3);
      assertThat(weight.amaxNumber().doubleValue())
          .as(names[i])
          .isBetween(0.95 * expected[i], expected[i]);
    }
  }

  @Test
  void weightsAreUniformWithinTheRootOfTheFanIn() {
    float[] weights = weights(network(7), "conv0");
    double bound = 1 / Math.sqrt(C * 9);
    double squares = 0;
    for (float weight : weights) {
      assertThat(Math.abs(weight)).isLessThanOrEqualTo((float) bound);
      squares += weight * weight;
    }
    assertThat(squares / weights.length).isCloseTo(bound * bound / 3, within(0.06 * bound * bound));
  }
}
