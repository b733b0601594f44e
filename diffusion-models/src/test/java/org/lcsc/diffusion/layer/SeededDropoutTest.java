package org.lcsc.diffusion.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class SeededDropoutTest {

  private static final double DROPPED = 0.25;
  private static final long[] SHAPE = {4, 8, 16, 16};

  @TempDir Path directory;

  private static INDArray ones() {
    return Nd4j.ones(DataType.FLOAT, SHAPE);
  }

  private static INDArray apply(SeededDropout dropout, INDArray x, int iteration) {
    INDArray out = Nd4j.createUninitialized(DataType.FLOAT, x.shape());
    return dropout.applyDropout(x, out, iteration, 0, LayerWorkspaceMgr.noWorkspaces());
  }

  @Test
  void theMaskIsTheIterationsAndTheSeeds() {
    SeededDropout dropout = new SeededDropout(DROPPED, 3);
    INDArray first = apply(dropout, ones(), 5);
    Nd4j.getRandom().nextGaussian();
    assertThat(apply(dropout, ones(), 5)).as("again").isEqualTo(first);
    assertThat(apply(dropout.clone(), ones(), 5)).as("clone").isEqualTo(first);
    assertThat(apply(dropout, ones(), 6)).as("next iteration").isNotEqualTo(first);
    assertThat(apply(new SeededDropout(DROPPED, 4), ones(), 5)).as("seed").isNotEqualTo(first);
    assertThat(apply(dropout, ones(), 5)).as("back").isEqualTo(first);
  }

  @Test
  void theGlobalGeneratorIsLeftAlone() {
    long random = Nd4j.getRandom().rootState();
    apply(new SeededDropout(DROPPED, 3), ones(), 5);
    assertThat(Nd4j.getRandom().rootState()).isEqualTo(random);
  }

  @Test
  void whatIsKeptIsScaledUpToTheSameMean() {
    float[] out = apply(new SeededDropout(DROPPED, 3), ones(), 5).data().asFloat();
    int kept = 0;
    for (float value : out) {
      if (value != 0) {
        assertThat(value).isCloseTo((float) (1 / (1 - DROPPED)), within(1e-6f));
        kept++;
      }
    }
    // Five standard deviations of 8,192 draws.
    assertThat((double) kept / out.length).isCloseTo(1 - DROPPED, within(0.024));
  }

  @Test
  void masksOfSuccessiveIterationsAreIndependent() {
    SeededDropout dropout = new SeededDropout(DROPPED, 3);
    INDArray last = apply(dropout, ones(), 0).sub(1);
    double variance = 1 / (1 - DROPPED) - 1;
    for (int iteration = 1; iteration <= 20; iteration++) {
      INDArray mask = apply(dropout, ones(), iteration).sub(1);
      double correlation = mask.mul(last).meanNumber().doubleValue() / variance;
      assertThat(correlation).as("iteration %d", iteration).isCloseTo(0, within(0.055));
      last = mask;
    }
  }

  @Test
  void gradientsPassWhereActivationsDid() {
    SeededDropout dropout = new SeededDropout(DROPPED, 3);
    INDArray x = new SeededNoise(1).gaussian(0, 0, 4, 8, 16, 16);
    INDArray gradient = new SeededNoise(2).gaussian(0, 0, 4, 8, 16, 16);
    INDArray mask = apply(new SeededDropout(DROPPED, 3), ones(), 5);
    assertThat(apply(dropout, x, 5)).isEqualTo(x.mul(mask));
    INDArray back = Nd4j.createUninitialized(DataType.FLOAT, SHAPE);
    assertThat(dropout.backprop(gradient, back, 5, 0)).isSameAs(back).isEqualTo(gradient.mul(mask));
  }

  @Test
  void followsBatchesOfOtherSizes() {
    SeededDropout dropout = new SeededDropout(DROPPED, 3);
    apply(dropout, ones(), 5);
    INDArray smaller = apply(dropout, Nd4j.ones(DataType.FLOAT, 2, 8, 16, 16), 5);
    assertThat(smaller.shape()).containsExactly(2, 8, 16, 16);
    assertThat(apply(dropout, ones(), 5)).isEqualTo(apply(dropout.clone(), ones(), 5));
  }

  private static ComputationGraphConfiguration configuration() {
    Conv2d second = new Conv2d(4, 1, 3);
    second.setIDropout(new SeededDropout(DROPPED, 11));
    return new NeuralNetConfiguration.Builder()
        .seed(5)
        .updater(new Adam(0.01))
        .graphBuilder()
        .addInputs("x")
        .addLayer("conv0", new Conv2d(1, 4, 3), "x")
        .addLayer("conv1", second, "conv0")
        .addLayer("loss", new ImageLossLayer(new SquaredError()), "conv1")
        .setOutputs("loss")
        .build();
  }

  private static void fit(ComputationGraph graph, int from, int to) {
    for (int n = from; n < to; n++) {
      INDArray x = new SeededNoise(n).gaussian(0, 0, 4, 1, 6, 6);
      graph.fit(new DataSet(x, new SeededNoise(n).gaussian(1, 0, 4, 1, 6, 6)));
    }
  }

  private static ComputationGraph network() {
    ComputationGraph graph = new ComputationGraph(configuration());
    graph.init();
    return graph;
  }

  @Test
  void aTrainingResumedFromAFileGoesOnToTheBit() throws IOException {
    ComputationGraph undisturbed = network();
    fit(undisturbed, 0, 5);
    File file = directory.resolve("network.zip").toFile();
    undisturbed.save(file, true);
    ComputationGraph resumed = ComputationGraph.load(file, true);
    fit(undisturbed, 5, 10);
    fit(resumed, 5, 10);
    assertThat(resumed.params()).isEqualTo(undisturbed.params());
  }

  @Test
  void itActsInTrainingOnly() {
    ComputationGraph graph = network();
    INDArray x = new SeededNoise(1).gaussian(0, 0, 2, 1, 6, 6);
    INDArray evaluated = graph.outputSingle(x);
    assertThat(graph.outputSingle(x)).isEqualTo(evaluated);
    assertThat(graph.output(true, x)[0]).isNotEqualTo(evaluated);
  }

  @Test
  void configurationSurvivesJson() {
    ComputationGraphConfiguration configuration = configuration();
    ComputationGraphConfiguration read =
        ComputationGraphConfiguration.fromJson(configuration.toJson());
    assertThat(read).isEqualTo(configuration);
    LayerVertex vertex = (LayerVertex) read.getVertices().get("conv1");
    assertThat(((Conv2d) vertex.getLayerConf().getLayer()).getIDropout())
        .isEqualTo(new SeededDropout(DROPPED, 11))
        .isNotEqualTo(new SeededDropout(DROPPED, 12));
  }

  @Test
  void refusesProbabilitiesOutOfRange() {
    for (double probability : new double[] {-0.1, 1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new SeededDropout(probability, 1))
          .withMessage("probability: expected a number in [0, 1), got " + probability);
    }
  }
}
