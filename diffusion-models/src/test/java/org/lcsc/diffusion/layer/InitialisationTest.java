package org.lcsc.diffusion.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
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
